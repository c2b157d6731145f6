// start: lets a created container execute its program (runtime.md, "Start").
#include "runtime/cli/lifecycle.h"
#include "runtime/cli/notify.h"

namespace berth::runtime::cli {
namespace {

Result<int> RunStart(const Globals& globals, const Arguments& arguments) {
  Container container = TRY(LockContainer(globals, arguments.words()[0]));
  auto notify = TRY(NotifyProxy::Listen(container.dir));
  TRY(StartContainer(container));
  if (!notify) return 0;
  container.dir.Unlock();
  TRY(notify->AwaitReadiness(container.record.pid));
  return 0;
}

}  // namespace

const Command kStart = {.name = "start",
                        .words = "CONTAINER-ID",
                        .help = "Execute the program of a created container",
                        .options = {},
                        .order = Order::kAnywhere,
                        .least_words = 1,
                        .most_words = 1,
                        .run = RunStart};

}  // namespace berth::runtime::cli
