// What every engine refuses, with EINVAL, before it looks at what it has.
#pragma once

#include "base/result.h"
#include "scheduler/store/store.h"

namespace berth::scheduler {

/// Within the limits of store.h; in neither branch is a key put twice, or put and deleted: etcd's
/// rule, by which a key changes once in a revision.
Result<void> Validate(const Transaction& transaction);
Result<void> Validate(const KeyRange& range);

}  // namespace berth::scheduler
