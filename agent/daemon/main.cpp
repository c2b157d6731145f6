// berthd: the node agent. Joins a cluster and runs the tasks that its scheduler places here.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "agent/daemon/daemon.h"
#include "base/log.h"
#include "systemd/log_to_journal.h"
#include "systemd/notify.h"

namespace berth::agent {
namespace {

Result<void> Run(const Paths& paths) {
  auto settings = TRY(link::LinkSettings::FromEnvironment(link::OwnEnvironment()));
  http::IoLoop loop;
  const auto daemon = TRY(Daemon::Start(loop, paths, std::move(settings)));
  loop.OnSignals({SIGTERM, SIGINT}, [&loop](int) { loop.Stop(); });
  loop.Run();
  systemd::Notify("STOPPING=1");
  return daemon->outcome();
}

}  // namespace
}  // namespace berth::agent

int main(int argc, char** argv) {
  using namespace berth;
  agent::Paths paths;
  CLI::App app{
      "Berth's node agent. It is configured by the variables of the ECS agent: ECS_CLUSTER, "
      "ECS_BACKEND_HOST, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, ... (docs/cluster.md)"};
  app.set_version_flag("--version", "berthd " BERTH_VERSION);
  app.add_option("--root", paths.root, "Where tasks and images are kept")->capture_default_str();
  app.add_option("--run-dir", paths.run, "Where sockets and locks are")->capture_default_str();
  app.add_option("--config", paths.config, "The host's configuration")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  // A peer that hangs up is an error of that connection, not the end of the agent.
  ::signal(SIGPIPE, SIG_IGN);
  systemd::LogToJournal("berthd");
  const auto done = agent::Run(paths);
  if (done) return 0;
  std::cerr << "berthd: " << done.error().message() << '\n';
  return 1;
}
