#include "cgroups/remove.h"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "cgroups/await_event.h"
#include "cgroups/kill.h"
#include "cgroups/setting.h"

namespace berth::cgroups {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// "; still there: 4711 (sleep), 4712 (sh)"
std::string WhoIsLeft(const std::string& path) {
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
  return FlatValue(TRY(ReadFile(file)), key);
}

Result<void> RemoveDirectories(const std::string& path, milliseconds patience) {
  // An empty cgroup can be in use for a moment more (its last process is still exiting), and one
  // can be made below it between listing and removing: hence the rounds, each longer asleep.
  const auto deadline = Clock::now() + patience;
  for (milliseconds pause(1);; pause *= 2) {
    if (TRY(TryRemove(path))) return {};
    TRY(AwaitEvent(path, {.key = "populated", .value = 0, .deadline = deadline}));
    if (TRY(TryRemove(path))) return {};
    const auto now = Clock::now();
    if (now >= deadline) break;
    const auto rest = std::min(pause, std::chrono::ceil<milliseconds>(deadline - now));
    ::poll(nullptr, 0, static_cast<int>(rest.count()));
  }
  return MakeError("remove {}: in use after {} ms{}", path, patience.count(), WhoIsLeft(path));
}

}  // namespace berth::cgroups
