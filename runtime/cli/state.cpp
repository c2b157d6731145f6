// state: a container's state as JSON (runtime.md, "Query State").
#include <unistd.h>

#include "base/json.h"
#include "base/sys.h"
#include "runtime/cli/command.h"
#include "runtime/cli/describe.h"

namespace berth::runtime::cli {
namespace {

Result<int> RunState(const Globals& globals, const Arguments& arguments) {
  const Container container = TRY(FindContainer(globals, arguments.words()[0]));
  TRY(sys::WriteAll(STDOUT_FILENO, DescribePretty(container) + "\n"));
  return 0;
}

}  // namespace

const Command kState = {.name = "state",
                        .words = "CONTAINER-ID",
                        .help = "Print a container's state as JSON",
                        .options = {},
                        .order = Order::kAnywhere,
                        .least_words = 1,
                        .most_words = 1,
                        .run = RunState};

}  // namespace berth::runtime::cli
