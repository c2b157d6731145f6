// The io controller: what may go to and come from block devices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

/// A whole disk, not a partition: the kernel accounts for those.
struct BlockDevice {
  uint32_t major = 0;
  uint32_t minor = 0;
  bool operator==(const BlockDevice&) const = default;
};

struct IoDeviceWeight {
  BlockDevice device;
  uint64_t weight = 100;  // 1 to 10000
};

/// io.max: a second's worth of each; what is absent stays as it is.
struct IoMax {
  BlockDevice device;
  std::optional<uint64_t> rbps;   // bytes read
  std::optional<uint64_t> wbps;   // bytes written
  std::optional<uint64_t> riops;  // read operations
  std::optional<uint64_t> wiops;  // write operations
};

/// io.latency: others on the device are slowed down while it is missed.
struct IoLatency {
  BlockDevice device;
  uint64_t target_usec = 0;
};

/// Documentation/admin-guide/cgroup-v2.rst, "IO".
struct IoLimits {
  std::optional<uint64_t> weight;  // 1 to 10000; the kernel's default is 100
  std::vector<IoDeviceWeight> device_weights;
  std::vector<IoMax> max;
  std::vector<IoLatency> latency;
};

std::vector<Setting> IoSettings(const IoLimits& limits);

/// The io.weight for a version 1 blkio weight (10 to 1000; others are brought into that range), on
/// the straight line that runc and crun use: 10 and 1000 become 1 and 10000.
uint64_t WeightFromBlkio(uint64_t weight);

/// A line of io.stat; bytes and operations, discards last.
struct IoDeviceStats {
  BlockDevice device;
  uint64_t rbytes = 0;
  uint64_t wbytes = 0;
  uint64_t rios = 0;
  uint64_t wios = 0;
  uint64_t dbytes = 0;
  uint64_t dios = 0;
};

/// `reused` gives its memory to the answer, so that a file read again and again allocates nothing.
std::vector<IoDeviceStats> ParseIoStat(std::string_view text,
                                       std::vector<IoDeviceStats> reused = {});

}  // namespace berth::cgroups
