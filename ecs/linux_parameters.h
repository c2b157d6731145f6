// linuxParameters of a container definition: what is changed in the kernel's view of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace berth::ecs {

/// Capability names without their CAP_ prefix, or "ALL"; applied to the default set, drop last.
struct KernelCapabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;

  bool operator==(const KernelCapabilities&) const = default;
};

enum class DevicePermission { kRead, kWrite, kMknod };

struct Device {
  std::string hostPath;
  /// Absent: the same as hostPath.
  std::optional<std::string> containerPath;
  /// Empty: all three.
  std::vector<DevicePermission> permissions;

  bool operator==(const Device&) const = default;
};

struct Tmpfs {
  std::string containerPath;
  /// MiB.
  int64_t size = 0;
  /// As `noexec` or `mode=1777`.
  std::vector<std::string> mountOptions;

  bool operator==(const Tmpfs&) const = default;
};

struct LinuxParameters {
  std::optional<KernelCapabilities> capabilities;
  std::vector<Device> devices;
  bool initProcessEnabled = false;
  /// MiB of /dev/shm; absent: 64.
  std::optional<int64_t> sharedMemorySize;
  std::vector<Tmpfs> tmpfs;
  /// MiB of swap on top of the container's memory; 0: none; absent: as the host has it.
  std::optional<int64_t> maxSwap;
  /// 0 to 100. Means nothing without maxSwap.
  std::optional<int64_t> swappiness;

  bool operator==(const LinuxParameters&) const = default;
};

}  // namespace berth::ecs
