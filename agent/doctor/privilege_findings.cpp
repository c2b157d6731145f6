#include <linux/capability.h>
#include <unistd.h>

#include <array>

#include "agent/doctor/findings.h"
#include "base/files.h"
#include "base/text.h"

namespace berth::doctor {
namespace {

struct Capability {
  int number;
  const char* name;
  State without;
  const char* loss;  // what is lost without it
};

// Those that Berth itself uses, or that containers get by default.
constexpr std::array kCapabilities = {
    Capability{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", State::kMissing, "namespaces and mounts"},
    Capability{CAP_NET_ADMIN, "CAP_NET_ADMIN", State::kMissing, "interfaces and firewall"},
    Capability{CAP_SETUID, "CAP_SETUID", State::kMissing, "user of a container"},
    Capability{CAP_SETGID, "CAP_SETGID", State::kMissing, "groups of a container"},
    Capability{CAP_SETPCAP, "CAP_SETPCAP", State::kMissing, "capabilities of a container"},
    Capability{CAP_CHOWN, "CAP_CHOWN", State::kMissing, "owners of files in images"},
    Capability{CAP_FOWNER, "CAP_FOWNER", State::kMissing, "modes of files in images"},
    Capability{CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", State::kMissing, "files of other users"},
    Capability{CAP_MKNOD, "CAP_MKNOD", State::kMissing, "devices of a container"},
    Capability{CAP_KILL, "CAP_KILL", State::kMissing, "stopping containers of other users"},
    Capability{CAP_SYS_CHROOT, "CAP_SYS_CHROOT", State::kMissing, "root of a container"},
    Capability{CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", State::kLimited,
               "ulimits above those of this process, and oom_score_adj below its own"},
    Capability{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", State::kLimited,
               "looking at containers of other users"},
    Capability{CAP_SETFCAP, "CAP_SETFCAP", State::kLimited, "file capabilities in images"},
    Capability{CAP_NET_RAW, "CAP_NET_RAW", State::kLimited, "raw sockets in containers"},
    Capability{CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", State::kLimited,
               "ports below 1024 in containers"},
    Capability{CAP_FSETID, "CAP_FSETID", State::kLimited, "set-id bits in containers"},
    Capability{CAP_AUDIT_WRITE, "CAP_AUDIT_WRITE", State::kLimited, "audit records of containers"},
};

Result<uint64_t> EffectiveCapabilities() {
  constexpr std::string_view kStart = "CapEff:";
  for (const std::string& line : Split(TRY(ReadFile("/proc/self/status")), '\n')) {
    if (!line.starts_with(kStart)) continue;
    const auto bits = ParseInteger<uint64_t>(Trim(line.substr(kStart.size())), 16);
    if (bits) return *bits;
  }
  return MakeError("/proc/self/status has no CapEff");
}

}  // namespace

Finding CapabilitiesFinding(uint64_t effective) {
  Finding finding = {.name = "capabilities", .found = "all that Berth uses"};
  std::vector<std::string> missing;
  for (const Capability& capability : kCapabilities) {
    if ((effective >> capability.number & 1) != 0) continue;
    missing.push_back(fmt::format("{} ({})", capability.name, capability.loss));
    finding.state = std::max(finding.state, capability.without);
  }
  if (missing.empty()) return finding;
  const bool none = missing.size() == kCapabilities.size();
  finding.found = none ? "none at all" : "missing: " + Join(missing, ", ");
  finding.change = "give them to the environment that Berth runs in (a container or sandbox?)";
  return finding;
}

std::vector<Finding> PrivilegeFindings() {
  Finding root = {.name = "root", .found = "running as root"};
  if (::geteuid() != 0) {
    root = {.name = "root",
            .state = State::kMissing,
            .found = fmt::format("running as user {}", ::geteuid()),
            .change = "run as root: the rest of this report is about what this user can do"};
  }
  const auto effective = EffectiveCapabilities();
  if (!effective) {
    return {root,
            {.name = "capabilities",
             .state = State::kMissing,
             .found = effective.error().message(),
             .change = "mount proc on /proc"}};
  }
  return {root, CapabilitiesFinding(*effective)};
}

}  // namespace berth::doctor
