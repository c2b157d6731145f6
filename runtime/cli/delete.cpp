// delete: removes a stopped container and what was made for it (runtime.md, "Delete").
#include "runtime/cli/lifecycle.h"
#include "runtime/cli/matching.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kDeleteOptions[] = {
    {"force", 'f', nullptr, "End it first if it is not stopped; one that is not there is no error"},
    {"regex", 'r', nullptr, "All containers whose id matches this extended regular expression"},
};

Result<void> Delete(const Globals& globals, const std::string& id, bool force) {
  auto dir = StateDir::Open(globals.root, id);
  if (!dir && dir.error().Is(ENOENT)) {
    // What a delete that was cut short has left to do.
    if (auto retired = StateDir::OpenRetired(globals.root, id)) dir = std::move(retired);
  }
  if (!dir && dir.error().Is(ENOENT) && force) return {};
  if (!dir) return std::move(dir).error();
  TRY(dir->Lock());
  const std::optional<Record> record = TRY(dir->ReadRecord());
  if (!force) {
    if (!record) {
      return MakeError(
          "container \"{}\" was never completed: its creation was cut short; delete it with "
          "--force",
          id);
    }
    const ContainerState state = TRY(CurrentState(*dir, *record));
    if (state.status != Status::kStopped) {
      return MakeError("container \"{}\" is not stopped, but {}: kill it first, or use --force", id,
                       Name(state.status));
    }
  }
  return RemoveContainer(*dir, record);
}

Result<int> RunDelete(const Globals& globals, const Arguments& arguments) {
  const bool force = arguments.Has("force");
  const std::string& word = arguments.words()[0];
  if (!arguments.Has("regex")) {
    TRY(Delete(globals, word, force));
    return 0;
  }
  for (const std::string& id : TRY(IdsMatching(globals, word))) TRY(Delete(globals, id, force));
  return 0;
}

}  // namespace

const Command kDelete = {.name = "delete",
                         .words = "CONTAINER-ID",
                         .help = "Remove a stopped container",
                         .options = kDeleteOptions,
                         .order = Order::kAnywhere,
                         .least_words = 1,
                         .most_words = 1,
                         .run = RunDelete};

}  // namespace berth::runtime::cli
