// Device rules brought into a form in which one entry decides.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cgroups/devices/rules.h"

namespace berth::cgroups {

/// The devices of one kind and what may be done with them.
struct DeviceEntry {
  DeviceType type = DeviceType::kAll;
  std::optional<uint32_t> major;
  std::optional<uint32_t> minor;
  DeviceAccess allowed = 0;
  bool operator==(const DeviceEntry&) const = default;
};

/// The first entry that matches a device says what is allowed, and all that is; the last one
/// matches every device. Entries go from single devices to wildcards, and those that make no
/// difference are left out, so equivalent lists of rules mostly give the same table.
std::vector<DeviceEntry> MakeDeviceTable(std::span<const DeviceRule> rules);

}  // namespace berth::cgroups
