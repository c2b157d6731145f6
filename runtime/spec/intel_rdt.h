// `linux.intelRdt` of config-linux.md: a share of the processors' caches and memory bandwidth.
#pragma once

#include <string>
#include <vector>

namespace berth::runtime {

struct IntelRdt {
  std::string closID;  // the group, "/" for the host's own; empty: one named after the container
  std::string l3CacheSchema;          // lines as "L3:0=7f0;1=1f"
  std::string memBwSchema;            // "MB:0=20;1=70"
  std::vector<std::string> schemata;  // lines of either and of other kinds
  bool enableMonitoring = false;      // counters of the container's own
  bool operator==(const IntelRdt&) const = default;
};

}  // namespace berth::runtime
