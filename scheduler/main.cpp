// berth-scheduler: the ECS API for people and tools, orders for agents.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "base/log.h"
#include "base/sys.h"
#include "scheduler/api/dispatch.h"
#include "scheduler/server/scheduler.h"
#include "systemd/log_to_journal.h"
#include "systemd/notify.h"

namespace berth::scheduler {
namespace {

Result<void> Run(const SchedulerPaths& paths) {
  http::IoLoop loop;
  const auto scheduler = TRY(Scheduler::Start(loop, paths));
  loop.OnSignals({SIGTERM, SIGINT}, [&loop](int) { loop.Stop(); });
  loop.Post([&] {
    log::Info("serving {}", scheduler->endpoint());
    systemd::Notify("READY=1");
  });
  loop.Run();
  systemd::Notify("STOPPING=1");
  return {};
}

}  // namespace
}  // namespace berth::scheduler

int main(int argc, char** argv) {
  using namespace berth;
  scheduler::SchedulerPaths paths;
  bool coverage = false;
  CLI::App app{"Berth's scheduler: the Amazon ECS API, and orders for agents"};
  app.set_version_flag("--version", "berth-scheduler " BERTH_VERSION);
  app.add_option("--state", paths.state, "Directory of the store and of credentials")
      ->capture_default_str();
  app.add_option("--config", paths.config, "The configuration")->capture_default_str();
  app.add_flag("--api-coverage", coverage, "Print which operations are served, and end");
  CLI11_PARSE(app, argc, argv);
  // A client that hangs up is an error of its connection, not the end of the scheduler.
  ::signal(SIGPIPE, SIG_IGN);
  if (coverage) {
    std::cout << scheduler::ApiCoveragePage();
    return 0;
  }
  // Two connections an agent.
  if (const auto many = sys::AllowManyDescriptors(); !many) {
    log::Warning("{}", many.error().message());
  }
  systemd::LogToJournal("berth-scheduler");
  const auto done = scheduler::Run(paths);
  if (done) return 0;
  std::cerr << "berth-scheduler: " << done.error().message() << '\n';
  return 1;
}
