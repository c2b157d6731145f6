// A property of a systemd unit as D-Bus carries it: org.freedesktop.systemd1(5).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace berth::systemd {

/// One device's part of a property such as IOReadBandwidthMax or IODeviceWeight.
struct DeviceValue {
  std::string path;  // "/dev/sda", or "/dev/block/8:0"
  uint64_t value = 0;
  bool operator==(const DeviceValue&) const = default;
};

/// A number or limit (infinity is UINT64_MAX), numbers of other types (KillSignal is an int32_t), a
/// switch, a text, process ids (PIDs), a bit mask from the lowest bit of the first byte up
/// (AllowedCPUs), values of devices, or a list of texts.
using PropertyValue =
    std::variant<uint64_t, int64_t, uint32_t, int32_t, bool, std::string, std::vector<uint32_t>,
                 std::vector<uint8_t>, std::vector<DeviceValue>, std::vector<std::string>>;

struct UnitProperty {
  std::string name;  // "MemoryMax"
  PropertyValue value;
  bool operator==(const UnitProperty&) const = default;
};

}  // namespace berth::systemd
