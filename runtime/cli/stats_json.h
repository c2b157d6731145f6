// What a container has used, in the form of runc's `events`.
#pragma once

#include <string>

#include "cgroups/stats_reader.h"

namespace berth::runtime::cli {

/// {"type":"stats","id":...,"data":{...}} on one line: cpu in nanoseconds, memory in bytes, blkio
/// by device and operation, as callers of runc read it.
std::string StatsJson(const std::string& id, const cgroups::Stats& stats);

}  // namespace berth::runtime::cli
