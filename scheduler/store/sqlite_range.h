// SqliteRange: a range of keys as the bounds of a query.
#pragma once

#include <string>

#include "scheduler/store/store.h"

namespace berth::scheduler {

/// For `key >= first AND key < last`, whatever kind of range it is.
struct SqliteRange {
  explicit SqliteRange(const KeyRange& range) : first(range.first), last(range.last) {
    if (last.empty()) {
      last = first + '\0';  // the next key there could be
    } else if (last == std::string_view("\0", 1)) {
      last.assign(kMaxKeySize + 1, '\xff');  // behind every key
    }
  }

  std::string first;
  std::string last;
};

}  // namespace berth::scheduler
