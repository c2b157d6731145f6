#include "runtime/cli/command.h"

namespace berth::runtime::cli {
namespace {

Result<Container> Examine(StateDir dir, const std::string& id) {
  std::optional<Record> record = TRY(dir.ReadRecord());
  if (!record) {
    return Error(fmt::format("container \"{}\" does not exist: its creation was cut short; `delete "
                             "--force` clears it away",
                             id),
                 ENOENT);
  }
  ContainerState state = TRY(CurrentState(dir, *record));
  return Container{.dir = std::move(dir), .record = std::move(*record), .state = std::move(state)};
}

}  // namespace

Result<Container> FindContainer(const Globals& globals, const std::string& id) {
  return Examine(TRY(StateDir::Open(globals.root, id)), id);
}

Result<Container> LockContainer(const Globals& globals, const std::string& id) {
  StateDir dir = TRY(StateDir::Open(globals.root, id));
  TRY(dir.Lock());
  return Examine(std::move(dir), id);
}

}  // namespace berth::runtime::cli
