#include "runtime/process/rlimits.h"

#include <sys/resource.h>

#include <array>
#include <utility>

namespace berth::runtime {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 16> kResources = {{
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
}};

Result<void> SetRlimit(const Rlimit& limit) {
  const auto resource = RlimitResource(limit.type);
  if (!resource) return MakeError("unknown limit \"{}\"", limit.type);
  const rlimit64 wanted = {.rlim_cur = limit.soft, .rlim_max = limit.hard};
  const auto which = static_cast<__rlimit_resource>(*resource);
  if (::prlimit64(0, which, &wanted, nullptr) == 0) return {};
  if (errno != EPERM) return ErrnoError("{}", limit.type);
  rlimit64 current = {};
  ::prlimit64(0, which, nullptr, &current);
  // RLIMIT_NOFILE has a second ceiling, the sysctl fs.nr_open, that nobody may pass.
  errno = EPERM;
  return ErrnoError("{}: raising the hard limit from {} to {} needs CAP_SYS_RESOURCE", limit.type,
                    current.rlim_max, limit.hard);
}

}  // namespace

std::optional<int> RlimitResource(std::string_view name) {
  for (const auto& [known, resource] : kResources) {
    if (known == name) return resource;
  }
  return std::nullopt;
}

Result<void> SetRlimits(const std::vector<Rlimit>& limits) {
  for (const Rlimit& limit : limits) TRY(SetRlimit(limit));
  return {};
}

}  // namespace berth::runtime
