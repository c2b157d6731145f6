// Whether this host runs under systemd, and under which.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace berth::systemd {

/// Where to look; tests put directories of their own here.
struct HostPaths {
  std::string run = "/run/systemd/system";
  /// Where the library may be that every systemd program loads: its name holds the version.
  std::vector<std::string> libraries = {"/usr/lib/systemd", "/usr/lib/x86_64-linux-gnu/systemd",
                                        "/usr/lib/aarch64-linux-gnu/systemd"};
};

/// True if systemd is the running system manager: sd_booted(3).
bool Booted(const HostPaths& paths = {});

/// The installed version as in `libsystemd-shared-252.so` ("252"); nothing if systemd is not booted
/// or can't be told.
std::optional<std::string> Version(const HostPaths& paths = {});

}  // namespace berth::systemd
