#include "runtime/namespaces.h"

#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/files.h"
#include "base/sys.h"

namespace berth::runtime {
namespace {

struct Kind {
  std::string_view type;
  uint64_t flag;
  const char* file;  // in /proc/PID/ns
};

constexpr std::array<Kind, 8> kKinds = {{
    {"pid", CLONE_NEWPID, "pid"},
    {"network", CLONE_NEWNET, "net"},
    {"mount", CLONE_NEWNS, "mnt"},
    {"ipc", CLONE_NEWIPC, "ipc"},
    {"uts", CLONE_NEWUTS, "uts"},
    {"user", CLONE_NEWUSER, "user"},
    {"cgroup", CLONE_NEWCGROUP, "cgroup"},
    {"time", CLONE_NEWTIME, "time"},
}};

const Kind* FindKind(std::string_view type) {
  for (const Kind& kind : kKinds) {
    if (kind.type == type) return &kind;
  }
  return nullptr;
}

// proc_pid_timens_offsets: "monotonic 3600 0", a line a clock.
std::string Clocks(const Linux& config) {
  std::string lines;
  for (const auto& [clock, offset] : config.timeOffsets) {
    lines += fmt::format("{} {} {}\n", clock, offset.secs, offset.nanosecs);
  }
  return lines;
}

// Of the child, who then has the rights for it.
bool JoinsCgroupsOnceBorn(const Linux& config, const Namespace& ns) {
  return ns.type == "cgroup" && FindNamespace(config, "user") == nullptr;
}

Result<UniqueFd> OpenNamespace(const Namespace& ns, const Kind& kind) {
  UniqueFd file = TRY(sys::Open(ns.path, O_RDONLY));
  if (::ioctl(file.get(), NS_GET_NSTYPE) != static_cast<int>(kind.flag)) {
    return MakeError("{} is not a {} namespace", ns.path, ns.type);
  }
  return file;
}

}  // namespace

uint64_t NamespaceFlag(std::string_view type) {
  const Kind* kind = FindKind(type);
  return kind != nullptr ? kind->flag : 0;
}

const Namespace* FindNamespace(const Linux& config, std::string_view type) {
  for (const Namespace& ns : config.namespaces) {
    if (ns.type == type) return &ns;
  }
  return nullptr;
}

bool HasNew(const Linux& config, std::string_view type) {
  const Namespace* ns = FindNamespace(config, type);
  return ns != nullptr && ns->path.empty();
}

uint64_t NewNamespaces(const Linux& config) {
  uint64_t flags = 0;
  for (const Namespace& ns : config.namespaces) {
    if (ns.path.empty()) flags |= NamespaceFlag(ns.type);
  }
  if (FindNamespace(config, "user") != nullptr) flags &= ~uint64_t{CLONE_NEWIPC};
  return flags & ~uint64_t{CLONE_NEWCGROUP | CLONE_NEWTIME};
}

int JoinableNamespaces(const Linux& config) {
  uint64_t flags = 0;
  for (const Namespace& ns : config.namespaces) flags |= NamespaceFlag(ns.type);
  return static_cast<int>(flags & ~uint64_t{CLONE_NEWPID});
}

Result<NamespaceVisit> NamespaceVisit::Prepare(const Linux& config) {
  NamespaceVisit visit;
  for (const Namespace& ns : config.namespaces) {
    if (ns.path.empty() && ns.type == "time") {
      UniqueFd back = TRY(sys::Open("/proc/thread-self/ns/time", O_RDONLY));
      visit.places_.push_back({.name = "time",
                               .type = CLONE_NEWTIME,
                               .clocks = Clocks(config),
                               .back = std::move(back)});
    }
    if (ns.path.empty() || ns.type == "mount" || JoinsCgroupsOnceBorn(config, ns)) continue;
    const Kind* kind = FindKind(ns.type);
    if (kind == nullptr) return MakeError("unknown namespace type \"{}\"", ns.type);
    UniqueFd there = TRY(OpenNamespace(ns, *kind));
    if (kind->flag == CLONE_NEWUSER) {
      visit.user_ = std::move(there);
      continue;
    }
    UniqueFd back = TRY(sys::Open(fmt::format("/proc/thread-self/ns/{}", kind->file), O_RDONLY));
    visit.places_.push_back({.name = ns.type,
                             .type = static_cast<int>(kind->flag),
                             .there = std::move(there),
                             .back = std::move(back)});
  }
  return visit;
}

Result<NamespaceVisit> NamespaceVisit::PreparePidNamespace(int pidfd) {
  NamespaceVisit visit;
  UniqueFd there = TRY(sys::Dup(pidfd));
  UniqueFd back = TRY(sys::Open("/proc/thread-self/ns/pid", O_RDONLY));
  visit.places_.push_back(
      {.name = "pid", .type = CLONE_NEWPID, .there = std::move(there), .back = std::move(back)});
  return visit;
}

Result<UniqueFd> NamespaceToJoin(const Linux& config, std::string_view type) {
  const Namespace* ns = FindNamespace(config, type);
  if (ns == nullptr || ns->path.empty()) return UniqueFd();
  return OpenNamespace(*ns, *FindKind(type));
}

bool NamespaceVisit::InOtherCgroups() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const Place& place) { return place.type == CLONE_NEWCGROUP; });
}

// The kernel asks for the same right of who enters a namespace that he is in already.
bool NamespaceVisit::HasNoWayBack() const {
  if (user_) return true;
  return returns_ && std::any_of(places_.begin(), places_.end(), [](const Place& place) {
           return !sys::Setns(place.back.get(), place.type);
         });
}

Result<void> NamespaceVisit::GoByUserNamespace(int pidfd) {
  user_ = TRY(sys::Dup(pidfd));
  return {};
}

Result<void> NamespaceVisit::EnterPlace(Place& place) {
  if (place.there) {
    TRY(sys::Setns(place.there.get(), place.type).Context("join {} namespace", place.name));
    place.inside = true;
    return {};
  }
  // It is the next child's. Its clocks can be set as long as nobody is in it.
  TRY(sys::Unshare(place.type).Context("new {} namespace", place.name));
  place.inside = true;
  if (place.clocks.empty()) return {};
  return WriteControlFile(AT_FDCWD, "/proc/self/timens_offsets", place.clocks)
      .Context("linux.timeOffsets");
}

Result<void> NamespaceVisit::Enter() {
  // What does not belong to the user namespace to join can be entered from outside of it alone, and
  // by one without the host's rights what does from inside.
  for (Place& place : places_) {
    if (user_ && !place.there) continue;
    auto entered = EnterPlace(place);
    if (!entered && !(user_ && entered.error().Is(EPERM))) return entered;
  }
  if (!user_) return {};
  TRY(sys::Setns(user_.get(), CLONE_NEWUSER).Context("join user namespace"));
  for (Place& place : places_) {
    if (!place.inside) TRY(EnterPlace(place));
  }
  return {};
}

Result<void> NamespaceVisit::Leave() {
  Result<void> left;
  if (!returns_) return left;
  for (auto place = places_.rbegin(); place != places_.rend(); ++place) {
    if (!std::exchange(place->inside, false)) continue;
    auto back = sys::Setns(place->back.get(), place->type)
                    .Context("return to the own {} namespace", place->name);
    if (!back) left = std::move(back);
  }
  return left;
}

}  // namespace berth::runtime
