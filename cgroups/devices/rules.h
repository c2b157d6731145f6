// Which devices a container may use: linux.resources.devices of the OCI runtime specification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::cgroups {

enum class DeviceType { kAll, kBlock, kChar };

/// A set of the three things that can be done with a device; the bits are BPF_DEVCG_ACC_*.
using DeviceAccess = uint8_t;
constexpr DeviceAccess kDeviceMknod = 1;
constexpr DeviceAccess kDeviceRead = 2;
constexpr DeviceAccess kDeviceWrite = 4;
constexpr DeviceAccess kAnyDeviceAccess = kDeviceMknod | kDeviceRead | kDeviceWrite;

/// One entry of the list (config-linux.md, "Allowed Device list"). Each access to a device is
/// judged by itself: by the last rule that names it and matches the device, and is denied if there
/// is none. A request for several at once, such as open(2) with O_RDWR, needs each of them.
///
/// A rule says what it says and no more: one of type `kAll` with numbers or some accesses is
/// about these alone, where version 1 of cgroups takes any "a" rule as one about everything.
struct DeviceRule {
  bool allow = false;
  DeviceType type = DeviceType::kAll;
  std::optional<uint32_t> major;  // absent: every one
  std::optional<uint32_t> minor;
  DeviceAccess access = kAnyDeviceAccess;
  bool operator==(const DeviceRule&) const = default;
};

/// "a" or nothing at all for every device, "b", "c", or mknod(1)'s "u", which is "c" as well.
Result<DeviceType> ParseDeviceType(std::string_view text);

/// Letters of "rwm" in any order, each at most once, at least one.
Result<DeviceAccess> ParseDeviceAccess(std::string_view text);

/// A number of the specification's: absent and -1, which engines write, stand for every one.
Result<std::optional<uint32_t>> ParseDeviceNumber(std::optional<int64_t> number);

/// As the kernel writes it in devices.list, after the verdict: "allow c 1:3 rwm", "deny a *:* rw".
std::string Describe(const DeviceRule& rule);

/// What every container may use: the default devices of config-linux.md, its pseudoterminals and
/// its console; and to make, though not to open, any device node, as Docker's may.
std::vector<DeviceRule> DefaultDeviceRules();

}  // namespace berth::cgroups
