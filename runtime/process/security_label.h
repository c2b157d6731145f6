// AppArmor's and SELinux's confinement of a program: process.apparmorProfile, process.selinuxLabel
// (config.md) and linux.mountLabel (config-linux.md).
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Whether the kernel runs with it. `sys` is /sys but in tests.
bool HasAppArmor(const std::string& sys = "/sys");
bool HasSelinux(const std::string& sys = "/sys");

/// Fails for a label whose security module the host does not run, naming the field. The profile
/// "unconfined" is what every program has without AppArmor.
Result<void> CheckSecurityLabels(const Process& process, const Linux& config,
                                 const std::string& sys = "/sys");

/// Where the calling process says what its next program runs as. Opened while /proc is the host's:
/// in a container's own place something else may be mounted (CVE-2019-16884, CVE-2025-52881).
class SecurityLabels {
 public:
  SecurityLabels() = default;
  /// Opens what `process` has labels for; CheckSecurityLabels has approved of them. `attr` is the
  /// directory of proc_pid_attr(5) but in tests.
  static Result<SecurityLabels> Open(const Process& process,
                                     const std::string& attr = "/proc/thread-self/attr",
                                     const std::string& sys = "/sys");

  /// From the next execve(2) on. What is executed before it, by children as well, is not confined.
  Result<void> Set(const Process& process) const;

 private:
  UniqueFd apparmor_;
  UniqueFd selinux_;
};

/// Keys that the calling process makes from now on are for programs with that label of SELinux.
Result<void> SetKeyLabel(const std::string& label);
/// Gives the directory that a detached mount starts with that label of SELinux.
Result<void> LabelMount(int mount, const std::string& label);

}  // namespace berth::runtime
