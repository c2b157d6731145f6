// The embedded engine with settings, for tests; else see OpenSqliteStore in store.h.
#pragma once

#include "scheduler/store/retention.h"

namespace berth::scheduler {

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, Retention retention);

}  // namespace berth::scheduler
