// create: makes a container that waits for `start` (runtime.md, "Create").
#include "runtime/cli/create_options.h"

namespace berth::runtime::cli {
namespace {

Result<int> RunCreate(const Globals& globals, const Arguments& arguments) {
  TRY(CreateContainer(globals, TRY(ReadCreateOptions(arguments))));
  return 0;
}

}  // namespace

const Command kCreate = {.name = "create",
                         .words = "CONTAINER-ID",
                         .help = "Make a container that waits to be started",
                         .options = kCreateOptions,
                         .order = Order::kAnywhere,
                         .least_words = 1,
                         .most_words = 1,
                         .run = RunCreate};

}  // namespace berth::runtime::cli
