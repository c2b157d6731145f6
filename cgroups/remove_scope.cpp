#include "cgroups/remove_scope.h"

#include <algorithm>
#include <thread>

#include "base/files.h"
#include "cgroups/cgroup.h"

namespace berth::cgroups {
namespace {

using ScopeClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool AwaitRemoval(const std::string& path, ScopeClock::time_point deadline) {
  for (milliseconds pause(1); Exists(path); pause = std::min(2 * pause, milliseconds(20))) {
    if (ScopeClock::now() >= deadline) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace

Result<void> RemoveScope(const Hierarchy& hierarchy, const std::string& name,
                         milliseconds patience) {
  const auto deadline = ScopeClock::now() + patience;
  const auto scope = Cgroup::Open(hierarchy, name);
  if (!scope) return scope.error().Is(ENOENT) ? Result<void>() : scope.error();
  TRY(scope->Kill());
  for (const std::string& child : TRY(scope->Children())) {
    TRY(RemoveTree(hierarchy, name + "/" + child));
  }
  if (AwaitRemoval(scope->path(), deadline)) return {};
  return scope->Remove();
}

}  // namespace berth::cgroups
