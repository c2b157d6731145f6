// mounts: mounts that come to a running container, and go again.
#include <algorithm>

#include "base/files.h"
#include "base/pidfd.h"
#include "base/steps.h"
#include "runtime/cli/command.h"
#include "runtime/live_mounts.h"
#include "runtime/mounts/in_root.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime::cli {
namespace {

Result<std::vector<Mount>> ReadMounts(const std::string& file) {
  const std::string json = file == "-" ? TRY(ReadAll(0)) : TRY(ReadFile(file));
  return ParseMounts(json).Context("{}", file);
}

// Its first process, held before it is looked at.
Result<Pidfd> HoldProcess(const Container& container) {
  auto process = Pidfd::Open(container.record.pid);
  if (process && container.state.status != Status::kStopped &&
      ProcessStartTime(container.record.pid).ValueOr(0) == container.record.start_time) {
    return process;
  }
  return MakeError("container not running: \"{}\" is stopped", container.record.id);
}

bool SamePlace(const std::string& one, const std::string& other) {
  return NormalPath(one) == NormalPath(other);
}

Result<void> Add(Container& container, const RunningContainer& running,
                 const std::vector<Mount>& mounts) {
  auto added = TRY(AddMounts(running, mounts));
  TRY(FaultPoint("mounts", "added"));
  auto& all = container.record.added_mounts;
  all.insert(all.end(), added.begin(), added.end());
  auto written = container.dir.WriteRecord(container.record);
  if (!written) static_cast<void>(RemoveMounts(running, added));
  return written;
}

Result<void> Remove(Container& container, const RunningContainer& running,
                    const std::vector<Mount>& mounts) {
  std::vector<AddedMount> left = container.record.added_mounts;
  std::vector<AddedMount> going;
  for (const Mount& mount : mounts) {
    // The last at a place lies on top.
    const auto found = std::find_if(left.rbegin(), left.rend(), [&](const AddedMount& added) {
      return SamePlace(added.destination, mount.destination);
    });
    if (found == left.rend()) {
      return MakeError("{}: nothing that `mounts add` has put there", mount.destination);
    }
    going.push_back(*found);
    left.erase(std::next(found).base());
  }
  TRY(RemoveMounts(running, going));
  TRY(FaultPoint("mounts", "removed"));
  container.record.added_mounts = std::move(left);
  return container.dir.WriteRecord(container.record);
}

Result<int> RunMounts(const Globals& globals, const Arguments& arguments) {
  const auto& words = arguments.words();
  if (words[0] != "add" && words[0] != "remove") {
    return MakeError("{}: must be add or remove", words[0]);
  }
  const std::vector<Mount> mounts = TRY(ReadMounts(words[2]));
  Container container = TRY(LockContainer(globals, words[1]));
  const Pidfd process = TRY(HoldProcess(container));
  const Spec spec = TRY(container.dir.ReadConfig());
  const RunningContainer running = {.pidfd = process.fd(),
                                    .pid = process.pid(),
                                    .spec = &spec,
                                    .bundle = container.record.bundle};
  TRY(words[0] == "add" ? Add(container, running, mounts) : Remove(container, running, mounts));
  return 0;
}

}  // namespace

const Command kMounts = {.name = "mounts",
                         .words = "add|remove CONTAINER-ID FILE",
                         .help = "Mount into a running container, or unmount that again",
                         .options = {},
                         .order = Order::kAnywhere,
                         .least_words = 3,
                         .most_words = 3,
                         .run = RunMounts};

}  // namespace berth::runtime::cli
