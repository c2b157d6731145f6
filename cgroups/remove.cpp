#include "cgroups/remove.h"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/kill.h"

namespace berth::cgroups {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Sleeps until the kernel reports a change of cgroup.events, at most until `deadline`. The state is
// read after the file is opened and before sleeping, so no change is slept through.
Result<void> AwaitEmpty(const std::string& path, Clock::time_point deadline) {
  const std::string name = path + "/cgroup.events";
  const auto events = sys::Open(name, O_RDONLY);
  if (!events) {
    if (events.error().Is(ENOENT)) return {};
    return events.error();
  }
  for (;;) {
    if (::lseek(events->get(), 0, SEEK_SET) < 0) return ErrnoError("seek {}", name);
    const auto content = ReadAll(events->get());
    if (!content && content.error().Is(ENODEV)) return {};
    if (TRY(content).find("populated 0") != std::string::npos) return {};
    const auto rest = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (rest.count() <= 0) return {};
    pollfd change = {.fd = events->get(), .events = POLLPRI, .revents = 0};
    if (::poll(&change, 1, static_cast<int>(rest.count())) < 0 && errno != EINTR) {
      return ErrnoError("poll {}", name);
    }
  }
}

// "; still there: 4711 (sleep), 4712 (sh)"
std::string Inhabitants(const std::string& path) {
  constexpr size_t kEnough = 8;
  const auto pids = ListProcesses(path).ValueOr({});
  std::vector<std::string> names;
  for (const pid_t pid : pids) {
    if (names.size() == kEnough) {
      names.push_back(fmt::format("{} more", pids.size() - kEnough));
      break;
    }
    const std::string name = ReadFile(fmt::format("/proc/{}/comm", pid)).ValueOr("?");
    names.push_back(fmt::format("{} ({})", pid, Trim(name)));
  }
  return names.empty() ? "" : "; still there: " + Join(names, ", ");
}

// One pass from the deepest up; false if something was still in use.
Result<bool> TryRemove(const std::string& path) {
  const auto tree = TRY(ListTree(path));
  for (auto cgroup = tree.rbegin(); cgroup != tree.rend(); ++cgroup) {
    if (::rmdir(cgroup->c_str()) == 0 || errno == ENOENT) continue;
    if (errno == EBUSY) return false;
    return ErrnoError("rmdir {}", *cgroup);
  }
  return true;
}

}  // namespace

Result<std::vector<std::string>> ListChildren(const std::string& path) {
  using Directory = std::unique_ptr<DIR, decltype([](DIR* dir) { ::closedir(dir); })>;
  const Directory dir(::opendir(path.c_str()));
  std::vector<std::string> names;
  if (!dir) {
    if (errno == ENOENT) return names;
    return ErrnoError("read directory {}", path);
  }
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

Result<std::vector<std::string>> ListTree(const std::string& path) {
  std::vector<std::string> tree;
  if (Exists(path)) tree.push_back(path);
  for (size_t next = 0; next < tree.size(); ++next) {
    const std::string parent = tree[next];
    for (const std::string& name : TRY(ListChildren(parent))) tree.push_back(parent + "/" + name);
  }
  return tree;
}

Result<uint64_t> ReadEvent(const std::string& file, std::string_view key) {
  for (const std::string& line : Split(TRY(ReadFile(file)), '\n')) {
    const size_t space = line.find(' ');
    if (space == std::string::npos || line.compare(0, space, key) != 0) continue;
    const auto value = ParseInteger<uint64_t>(std::string_view(line).substr(space + 1));
    if (!value) return MakeError("{}: not a number: {}", file, line);
    return *value;
  }
  return uint64_t{0};
}

Result<void> RemoveDirectories(const std::string& path, milliseconds patience) {
  // An empty cgroup can be in use for a moment more (its last process is still exiting), and one
  // can be made below it between listing and removing: hence the rounds, each longer asleep.
  const auto deadline = Clock::now() + patience;
  for (milliseconds pause(1);; pause *= 2) {
    if (TRY(TryRemove(path))) return {};
    TRY(AwaitEmpty(path, deadline));
    if (TRY(TryRemove(path))) return {};
    const auto now = Clock::now();
    if (now >= deadline) break;
    const auto rest = std::min(pause, std::chrono::ceil<milliseconds>(deadline - now));
    ::poll(nullptr, 0, static_cast<int>(rest.count()));
  }
  return MakeError("remove {}: in use after {} ms{}", path, patience.count(), Inhabitants(path));
}

}  // namespace berth::cgroups
