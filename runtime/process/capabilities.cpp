#include "runtime/process/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace berth::runtime {
namespace {

// The place in the list is the number of the capability (linux/capability.h).
constexpr std::array<std::string_view, 41> kNames = {"CAP_CHOWN",
                                                     "CAP_DAC_OVERRIDE",
                                                     "CAP_DAC_READ_SEARCH",
                                                     "CAP_FOWNER",
                                                     "CAP_FSETID",
                                                     "CAP_KILL",
                                                     "CAP_SETGID",
                                                     "CAP_SETUID",
                                                     "CAP_SETPCAP",
                                                     "CAP_LINUX_IMMUTABLE",
                                                     "CAP_NET_BIND_SERVICE",
                                                     "CAP_NET_BROADCAST",
                                                     "CAP_NET_ADMIN",
                                                     "CAP_NET_RAW",
                                                     "CAP_IPC_LOCK",
                                                     "CAP_IPC_OWNER",
                                                     "CAP_SYS_MODULE",
                                                     "CAP_SYS_RAWIO",
                                                     "CAP_SYS_CHROOT",
                                                     "CAP_SYS_PTRACE",
                                                     "CAP_SYS_PACCT",
                                                     "CAP_SYS_ADMIN",
                                                     "CAP_SYS_BOOT",
                                                     "CAP_SYS_NICE",
                                                     "CAP_SYS_RESOURCE",
                                                     "CAP_SYS_TIME",
                                                     "CAP_SYS_TTY_CONFIG",
                                                     "CAP_MKNOD",
                                                     "CAP_LEASE",
                                                     "CAP_AUDIT_WRITE",
                                                     "CAP_AUDIT_CONTROL",
                                                     "CAP_SETFCAP",
                                                     "CAP_MAC_OVERRIDE",
                                                     "CAP_MAC_ADMIN",
                                                     "CAP_SYSLOG",
                                                     "CAP_WAKE_ALARM",
                                                     "CAP_BLOCK_SUSPEND",
                                                     "CAP_AUDIT_READ",
                                                     "CAP_PERFMON",
                                                     "CAP_BPF",
                                                     "CAP_CHECKPOINT_RESTORE"};

using Words = std::array<__user_cap_data_struct, 2>;

Result<Words> Get() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  Words words = {};
  if (::syscall(SYS_capget, &header, words.data()) < 0) return ErrnoError("capget");
  return words;
}

Result<void> Set(const Words& words) {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  if (::syscall(SYS_capset, &header, words.data()) < 0) return ErrnoError("capset");
  return {};
}

}  // namespace

Result<CapabilitySet> CapabilityBits(const std::vector<std::string>& names) {
  CapabilitySet set = 0;
  for (const std::string& name : names) {
    const auto* const found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return MakeError("unknown capability \"{}\"", name);
    set |= CapabilitySet{1} << (found - kNames.begin());
  }
  return set;
}

std::vector<std::string> CapabilityNames(CapabilitySet set) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kNames.size(); ++i) {
    if ((set >> i & 1) != 0) names.emplace_back(kNames[i]);
  }
  return names;
}

Result<CapabilitySets> ParseCapabilities(const Capabilities& capabilities) {
  CapabilitySets sets;
  sets.bounding = TRY(CapabilityBits(capabilities.bounding));
  sets.effective = TRY(CapabilityBits(capabilities.effective));
  sets.inheritable = TRY(CapabilityBits(capabilities.inheritable));
  sets.permitted = TRY(CapabilityBits(capabilities.permitted));
  sets.ambient = TRY(CapabilityBits(capabilities.ambient));
  return sets;
}

Result<CapabilitySet> PermittedCapabilities() {
  const Words words = TRY(Get());
  return words[0].permitted | CapabilitySet{words[1].permitted} << 32;
}

CapabilitySets Restrict(CapabilitySets sets, CapabilitySet granted) {
  for (CapabilitySet* set :
       {&sets.bounding, &sets.effective, &sets.inheritable, &sets.permitted, &sets.ambient}) {
    *set &= granted;
  }
  return sets;
}

Result<void> DropBounding(CapabilitySet keep) {
  for (unsigned long cap = 0; cap < 64; ++cap) {
    if ((keep >> cap & 1) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;  // past the last one that this kernel has
    return ErrnoError("drop capability {} from the bounding set", cap);
  }
  return {};
}

Result<void> RaiseEffective() {
  Words words = TRY(Get());
  for (auto& word : words) word.effective = word.permitted;
  return Set(words);
}

Result<void> SetCapabilities(const CapabilitySets& sets) {
  Words words = {};
  for (unsigned i = 0; i < words.size(); ++i) {
    words[i].effective = static_cast<uint32_t>(sets.effective >> (32 * i));
    words[i].permitted = static_cast<uint32_t>(sets.permitted >> (32 * i));
    words[i].inheritable = static_cast<uint32_t>(sets.inheritable >> (32 * i));
  }
  TRY(Set(words));
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) {
    return ErrnoError("clear ambient capabilities");
  }
  // The kernel has no others in the ambient set (capabilities(7)), and `runc spec` wrote some up to
  // version 1.1.
  const auto possible = sets.ambient & sets.permitted & sets.inheritable;
  for (unsigned long cap = 0; cap < kNames.size(); ++cap) {
    if ((possible >> cap & 1) == 0) continue;
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0) {
      return ErrnoError("raise ambient {}", kNames[cap]);
    }
  }
  return {};
}

}  // namespace berth::runtime
