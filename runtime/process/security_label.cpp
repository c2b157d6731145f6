#include "runtime/process/security_label.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth::runtime {
namespace {

constexpr const char* kUnconfined = "unconfined";

// AppArmor has a directory of its own since Linux 5.8, as the files beside it can belong to only
// one security module.
Result<UniqueFd> OpenAppArmor(const std::string& attr) {
  auto own = sys::Open(attr + "/apparmor/exec", O_WRONLY);
  return own || !own.error().Is(ENOENT) ? std::move(own) : sys::Open(attr + "/exec", O_WRONLY);
}

}  // namespace

bool HasAppArmor(const std::string& sys) {
  return ReadFile(sys + "/module/apparmor/parameters/enabled").ValueOr("").starts_with('Y');
}

bool HasSelinux(const std::string& sys) { return Exists(sys + "/fs/selinux/enforce"); }

Result<void> CheckSecurityLabels(const Process& process, const Linux& config,
                                 const std::string& sys) {
  const std::string& profile = process.apparmorProfile;
  if (!profile.empty() && profile != kUnconfined && !HasAppArmor(sys)) {
    return MakeError("process.apparmorProfile: this host does not run AppArmor");
  }
  if (process.selinuxLabel.empty() && config.mountLabel.empty()) return {};
  if (HasSelinux(sys)) return {};
  return MakeError("{}: this host does not run SELinux",
                   process.selinuxLabel.empty() ? "linux.mountLabel" : "process.selinuxLabel");
}

Result<SecurityLabels> SecurityLabels::Open(const Process& process, const std::string& attr,
                                            const std::string& sys) {
  SecurityLabels labels;
  const std::string& profile = process.apparmorProfile;
  if (!profile.empty() && (profile != kUnconfined || HasAppArmor(sys))) {
    labels.apparmor_ = TRY(OpenAppArmor(attr).Context("process.apparmorProfile"));
  }
  if (!process.selinuxLabel.empty()) {
    labels.selinux_ = TRY(sys::Open(attr + "/exec", O_WRONLY).Context("process.selinuxLabel"));
  }
  return labels;
}

Result<void> SecurityLabels::Set(const Process& process) const {
  if (apparmor_) {
    TRY(sys::WriteAll(apparmor_.get(), "exec " + process.apparmorProfile)
            .Context("process.apparmorProfile: {}", process.apparmorProfile));
  }
  if (selinux_) {
    TRY(sys::WriteAll(selinux_.get(), process.selinuxLabel)
            .Context("process.selinuxLabel: {}", process.selinuxLabel));
  }
  return {};
}

Result<void> SetKeyLabel(const std::string& label) {
  return WriteControlFile(AT_FDCWD, "/proc/thread-self/attr/keycreate", label)
      .Context("process.selinuxLabel: {}", label);
}

Result<void> LabelMount(int mount, const std::string& label) {
  if (::setxattr(fmt::format("/proc/self/fd/{}", mount).c_str(), "security.selinux", label.c_str(),
                 label.size() + 1, 0) < 0) {
    return ErrnoError("linux.mountLabel: {}", label);
  }
  return {};
}

}  // namespace berth::runtime
