// What a configuration's annotations ask for beyond the specification.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "systemd/unit_property.h"

namespace berth::runtime {

struct Extensions {
  bool keep_original_groups = false;   // the launcher's stay, none are set
  bool unknown_syscalls_fail = false;  // rather than be passed over in linux.seccomp
  std::string seccomp_program;         // struct sock_filter, in place of linux.seccomp
  std::string hooks_stdout;            // files that hooks write to; empty: the runtime's own
  std::string hooks_stderr;
  std::string pidfd_receiver;                   // path of a socket that gets a pidfd
  std::string mount_context = "context";        // the option of mount(8) for linux.mountLabel
  std::optional<std::string> systemd_subgroup;  // leaf in the scope; empty: none
  // CRIU's own settings; empty: none. crun and runc have this default.
  std::string criu_config = "/etc/criu/runc.conf";
  std::vector<systemd::UnitProperty> unit_properties;
  bool operator==(const Extensions&) const = default;
};

}  // namespace berth::runtime
