// Table: the records of one kind, in memory and, through the ledger, in the store.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scheduler/model/ledger.h"
#include "scheduler/model/record_codec.h"
#include "scheduler/store/store.h"

namespace berth::scheduler {

/// Keys are what stands behind the prefix. Records are read in place and changed by Put alone.
template <typename Record>
class Table {
 public:
  using Map = std::map<std::string, Record, std::less<>>;

  Table(std::string prefix, Ledger& ledger) : prefix_(std::move(prefix)), ledger_(ledger) {}

  /// Reads all of them from the store, in place of what was here.
  Result<void> Load(Store& store) {
    records_.clear();
    const RangeResult all = TRY(store.Range({.range = KeyRange::Prefix(prefix_)}));
    for (const KeyValue& entry : all.found) {
      records_.emplace(entry.key.substr(prefix_.size()),
                       TRY(DecodeRecord<Record>(entry.value).Context("{}", entry.key)));
    }
    return {};
  }

  const Record* Find(std::string_view key) const {
    const auto found = records_.find(key);
    return found == records_.end() ? nullptr : &found->second;
  }

  const Record& Put(const std::string& key, Record record) {
    ledger_.Put(prefix_ + key, EncodeRecord(record));
    return records_.insert_or_assign(key, std::move(record)).first->second;
  }

  void Erase(const std::string& key) {
    if (records_.erase(key) > 0) ledger_.Erase(prefix_ + key);
  }

  const Map& all() const { return records_; }
  /// Those whose keys start with `start`, as a pair of iterators.
  auto StartingWith(std::string_view start) const {
    auto first = records_.lower_bound(start);
    auto last = first;
    while (last != records_.end() && last->first.starts_with(start)) ++last;
    return std::pair(first, last);
  }

 private:
  std::string prefix_;
  Ledger& ledger_;
  Map records_;
};

}  // namespace berth::scheduler
