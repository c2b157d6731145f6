#include "runtime/seccomp/default_seccomp.h"

#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "runtime/seccomp/default_seccomp_table.h"

namespace berth::runtime {
namespace {

// personality(2) values that only change what uname(2) tells and how memory is laid out as usual:
// PER_LINUX, PER_LINUX32, the same two with UNAME26, and 0xffffffff to ask for the present one.
constexpr std::array<uint64_t, 5> kPersonalities = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

constexpr uint64_t kNamespaceFlags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                     CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

SeccompSyscall Allow(std::string_view names) {
  return {.names = Split(names, ' '), .action = "SCMP_ACT_ALLOW"};
}

SeccompSyscall AllowIf(std::string_view name, SeccompArg arg) {
  SeccompSyscall rule = Allow(name);
  rule.args.push_back(std::move(arg));
  return rule;
}

}  // namespace

Seccomp DefaultSeccomp(const std::vector<std::string>& capabilities) {
  const auto has = [&](std::string_view capability) {
    return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
  };
  Seccomp profile = {.defaultAction = "SCMP_ACT_ERRNO",
                     .defaultErrnoRet = EPERM,
                     .architectures = Split(kCompatibleArchitectures, ' ')};
  profile.syscalls.push_back(Allow(kAlwaysAllowed));
  profile.syscalls.push_back(Allow(kAllowedHere));
  // Sockets to the hypervisor would lead out of the container's network.
  profile.syscalls.push_back(
      AllowIf("socket", {.index = 0, .value = AF_VSOCK, .op = "SCMP_CMP_NE"}));
  for (const uint64_t value : kPersonalities) {
    profile.syscalls.push_back(
        AllowIf("personality", {.index = 0, .value = value, .op = "SCMP_CMP_EQ"}));
  }
  for (const CallsByCapability& entry : kAllowedByCapability) {
    if (has(entry.capability)) profile.syscalls.push_back(Allow(entry.calls));
  }
  if (!has("CAP_SYS_ADMIN")) {
    profile.syscalls.push_back(
        AllowIf("clone",
                {.index = 0, .value = kNamespaceFlags, .valueTwo = 0, .op = "SCMP_CMP_MASKED_EQ"}));
    // Its flags are in memory, where no filter can look: programs fall back to clone.
    profile.syscalls.push_back(
        {.names = {"clone3"}, .action = "SCMP_ACT_ERRNO", .errnoRet = ENOSYS});
  }
  return profile;
}

}  // namespace berth::runtime
