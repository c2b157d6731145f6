// pause and resume: the container's processes stop, and go on, by its cgroup's freezer.
#include "cgroups/freezer.h"
#include "runtime/cli/command.h"

namespace berth::runtime::cli {
namespace {

Result<Container> FindInState(const Globals& globals, const std::string& id, Status wanted) {
  Container container = TRY(LockContainer(globals, id));
  const bool created = wanted == Status::kRunning && container.state.status == Status::kCreated;
  if (container.state.status != wanted && !created) {
    return MakeError("container \"{}\" is {}, not {}", id, Name(container.state.status),
                     Name(wanted));
  }
  if (container.record.cgroup.path.empty()) {
    return MakeError("container \"{}\" has no cgroup of its own to be frozen in", id);
  }
  return container;
}

Result<int> RunPause(const Globals& globals, const Arguments& arguments) {
  const Container container = TRY(FindInState(globals, arguments.words()[0], Status::kRunning));
  TRY(cgroups::Freeze(container.record.cgroup.path));
  return 0;
}

Result<int> RunResume(const Globals& globals, const Arguments& arguments) {
  const Container container = TRY(FindInState(globals, arguments.words()[0], Status::kPaused));
  TRY(cgroups::Thaw(container.record.cgroup.path));
  return 0;
}

}  // namespace

const Command kPause = {.name = "pause",
                        .words = "CONTAINER-ID",
                        .help = "Stop all processes of a container for a while",
                        .options = {},
                        .order = Order::kAnywhere,
                        .least_words = 1,
                        .most_words = 1,
                        .run = RunPause};

const Command kResume = {.name = "resume",
                         .words = "CONTAINER-ID",
                         .help = "Let them go on",
                         .options = {},
                         .order = Order::kAnywhere,
                         .least_words = 1,
                         .most_words = 1,
                         .run = RunResume};

}  // namespace berth::runtime::cli
