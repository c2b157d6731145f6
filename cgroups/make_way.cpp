#include "cgroups/make_way.h"

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::cgroups {
namespace {

constexpr int kRounds = 20;

}  // namespace

Result<void> MakeWay(const std::string& path) {
  const UniqueFd dir = TRY(sys::Open(path, O_RDONLY | O_DIRECTORY));
  const auto made = sys::MkdirAt(dir.get(), kInitLeaf, 0755);
  if (!made && !made.error().Is(EEXIST)) return made.error();
  const std::string destination = fmt::format("{}/cgroup.procs", kInitLeaf);
  for (int round = 0; round < kRounds; ++round) {
    const std::string pids = TRY(ReadFileAt(dir.get(), "cgroup.procs"));
    if (pids.empty()) return {};
    for (const std::string& pid : Split(Trim(pids), '\n')) {
      // Those of other pid namespaces are all "0", which written would be ourselves.
      if (pid == "0") continue;
      const auto moved = WriteControlFile(dir.get(), destination, pid);
      if (!moved && !moved.error().Is(ESRCH)) return moved.error();
    }
  }
  return Error(fmt::format("{}: processes that can't be moved live here", path), EBUSY);
}

}  // namespace berth::cgroups
