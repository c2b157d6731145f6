// run: create and start, and in the foreground wait for the end and delete.
#include <unistd.h>

#include "base/log.h"
#include "runtime/cli/create_options.h"
#include "runtime/cli/foreground.h"
#include "runtime/cli/notify.h"

namespace berth::runtime::cli {
namespace {

Result<int> RunDetached(const Globals& globals, const CreateOptions& options) {
  Container container = TRY(CreateContainer(globals, options));
  auto notify = NotifyProxy::Listen(container.dir);
  auto started = notify ? StartContainer(container) : Result<void>(notify.error());
  if (!started) {
    TRY(RemoveEnded(container));
    return std::move(started).error();
  }
  if (*notify) TRY((*notify)->AwaitReadiness(container.record.pid));
  return 0;
}

Result<int> RunForeground(const Globals& globals, CreateOptions options, bool keep) {
  Foreground foreground = TRY(Foreground::Prepare());
  if (options.console_socket.empty()) {
    options.make_console = [&] { return foreground.MakeConsole(); };
  }
  Container container = TRY(CreateContainer(globals, options));
  const auto run = [&]() -> Result<ExitStatus> {
    TRY(foreground.Attach(container.record.pid));
    auto notify = TRY(NotifyProxy::Listen(container.dir));
    TRY(StartContainer(container));
    if (!notify) return foreground.Wait();
    // It is this process that a service manager knows, and whose end it waits for.
    return foreground.Wait({notify->fd(), [&] { notify->PassOn(::getpid()); }});
  };
  const auto status = run();
  if (status) container.record.pid = 0;  // reaped
  if (!status || !keep) {
    if (auto removed = RemoveEnded(container); !removed) {
      if (status) return std::move(removed).error();
      log::Warning("{}", removed.error().message());
    }
  }
  return TRY(status).code;
}

Result<int> RunRun(const Globals& globals, const Arguments& arguments) {
  CreateOptions options = TRY(ReadCreateOptions(arguments));
  options.starter = Starter::kCreator;
  if (arguments.Has("detach")) return RunDetached(globals, options);
  return RunForeground(globals, std::move(options), arguments.Has("keep"));
}

}  // namespace

const Command kRun = {.name = "run",
                      .words = "CONTAINER-ID",
                      .help = "Create and start a container, and wait for its end",
                      .options = kCreateOptions,
                      .order = Order::kAnywhere,
                      .least_words = 1,
                      .most_words = 1,
                      .run = RunRun};

}  // namespace berth::runtime::cli
