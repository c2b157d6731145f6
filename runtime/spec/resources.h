// `linux.resources` of config-linux.md ("Control groups"), which is also what `update` reads. Names
// and units are the specification's; what is absent is not asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace berth::runtime {

/// Bytes; -1 is no limit.
struct MemoryResources {
  std::optional<int64_t> limit;
  std::optional<int64_t> reservation;
  std::optional<int64_t> swap;  // memory and swap together
  bool checkBeforeUpdate = false;
  bool operator==(const MemoryResources&) const = default;
};

/// Microseconds, and lists as in cpuset(7).
struct CpuResources {
  std::optional<uint64_t> shares;
  std::optional<int64_t> quota;  // 0 or less: no limit
  std::optional<uint64_t> period;
  std::optional<uint64_t> burst;
  std::optional<int64_t> idle;
  std::string cpus;
  std::string mems;
  bool operator==(const CpuResources&) const = default;
};

struct BlockWeight {
  uint32_t major = 0;
  uint32_t minor = 0;
  std::optional<uint16_t> weight;
  bool operator==(const BlockWeight&) const = default;
};

struct BlockThrottle {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint64_t rate = 0;  // bytes or operations a second
  bool operator==(const BlockThrottle&) const = default;
};

struct BlockIoResources {
  std::optional<uint16_t> weight;
  std::vector<BlockWeight> weightDevice;
  std::vector<BlockThrottle> throttleReadBpsDevice;
  std::vector<BlockThrottle> throttleWriteBpsDevice;
  std::vector<BlockThrottle> throttleReadIOPSDevice;
  std::vector<BlockThrottle> throttleWriteIOPSDevice;
  bool operator==(const BlockIoResources&) const = default;
};

struct HugepageResources {
  std::string pageSize;
  uint64_t limit = 0;
  bool operator==(const HugepageResources&) const = default;
};

struct RdmaResources {
  std::optional<uint32_t> hcaHandles;
  std::optional<uint32_t> hcaObjects;
  bool operator==(const RdmaResources&) const = default;
};

struct DeviceResources {
  bool allow = false;
  std::string type;  // a, b, c, u or p; empty: a
  std::optional<int64_t> major;
  std::optional<int64_t> minor;
  std::string access;  // of r, w and m; empty: all of them
  bool operator==(const DeviceResources&) const = default;
};

struct Resources {
  MemoryResources memory;
  CpuResources cpu;
  std::optional<int64_t> pids_limit;  // pids.limit; -1 and 0: none
  BlockIoResources blockIO;
  std::vector<HugepageResources> hugepageLimits;
  std::map<std::string, RdmaResources> rdma;
  std::vector<DeviceResources> devices;
  std::map<std::string, std::string> unified;
  bool operator==(const Resources&) const = default;
};

}  // namespace berth::runtime
