#include "cgroups/make_way.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::cgroups {
namespace {

constexpr int kRounds = 20;

bool MayMove(Inhabitants inhabitants, const std::string& pids) {
  if (inhabitants == Inhabitants::kMaybeOthers) return Trim(pids) == std::to_string(::getpid());
  return inhabitants == Inhabitants::kOurs;
}

Result<void> MoveAll(int dir, const std::string& pids) {
  const std::string destination = fmt::format("{}/cgroup.procs", kInitLeaf);
  for (const std::string& pid : Split(Trim(pids), '\n')) {
    // Those of other pid namespaces are all "0", which written would be ourselves.
    if (pid == "0") continue;
    const auto moved = WriteControlFile(dir, destination, pid);
    if (!moved && !moved.error().Is(ESRCH)) return moved.error();
  }
  return {};
}

}  // namespace

Result<void> MakeWay(const std::string& path, Inhabitants inhabitants) {
  const UniqueFd dir = TRY(sys::Open(path, O_RDONLY | O_DIRECTORY));
  for (int round = 0; round < kRounds; ++round) {
    const std::string pids = TRY(ReadFileAt(dir.get(), "cgroup.procs"));
    if (pids.empty()) return {};
    if (!MayMove(inhabitants, pids)) break;
    const auto made = sys::MkdirAt(dir.get(), kInitLeaf, 0755);
    if (!made && !made.error().Is(EEXIST)) return made.error();
    TRY(MoveAll(dir.get(), pids));
  }
  return Error("processes live here, so the cgroups below can't have controllers", EBUSY);
}

}  // namespace berth::cgroups
