// Which systemd is asked: the host's, or that of a user.
#pragma once

#include <string>

namespace berth::systemd {

enum class Instance {
  kHost,  // process 1
  kUser,  // `systemd --user` of the user who calls
};

/// Where to look; tests put files of their own here.
struct CallerPaths {
  std::string uid_map = "/proc/self/uid_map";
};

/// The one whose units this process may make: the host's for root, else the user's. Root of a user
/// namespace (user_namespaces(7)) is a user outside if there is a runtime directory of a user's
/// session (XDG_RUNTIME_DIR), and otherwise root of a container that a systemd of its own runs.
Instance InstanceOfCaller(const CallerPaths& paths = {});

/// XDG_RUNTIME_DIR, or where it is if nobody has said so: "/run/user/1000".
std::string UserRuntimeDir();

}  // namespace berth::systemd
