// berth-cluster: what `berth up`, `berth down`, `berth role` and `berth agent-key` are.
#include <CLI/CLI.hpp>
#include <iostream>

#include "agent/cluster/commands.h"

namespace berth::agent::cluster {
namespace {

using Work = std::function<Result<void>()>;

struct CommandLine {
  Paths paths;
  UpOptions up;
  Access access;
  RoleOptions role;
  std::string name;
  Work work;
  CLI::App app{"A scheduler of your own"};

  CommandLine();
  void AddAccess(CLI::App* command);
  void AddRoles();
};

CommandLine::CommandLine() {
  app.name("berth");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--root", paths.root, "Where tasks and images are kept")->capture_default_str();
  app.add_option("--run-dir", paths.run, "Where sockets and locks are")->capture_default_str();
  app.add_option("--config", paths.config, "The host's configuration")->capture_default_str();

  CLI::App* command = app.add_subcommand("up", "Start a scheduler and an agent on this host");
  command
      ->add_option("--scheduler-state", up.scheduler_state, "Where the scheduler keeps its state")
      ->capture_default_str();
  command->add_option("--scheduler-config", up.scheduler_config, "The scheduler's configuration")
      ->capture_default_str();
  command->add_option("--cluster", up.cluster, "The cluster that this host joins")
      ->capture_default_str();
  command->callback([this] { work = [this] { return Up(paths, up); }; });

  command = app.add_subcommand("down", "End both; tasks go on");
  command->callback([this] { work = [this] { return Down(paths); }; });
  AddRoles();
}

void CommandLine::AddAccess(CLI::App* command) {
  command->add_option("--endpoint-url", access.endpoint, "The scheduler")->capture_default_str();
  command->add_option("--region", access.region, "The scheduler's region")->capture_default_str();
  command->add_option("--credentials", access.credentials, "Whose key: an AWS credentials file")
      ->capture_default_str();
}

void CommandLine::AddRoles() {
  CLI::App* roles = app.add_subcommand("role", "Roles for tasks");
  roles->require_subcommand(1);
  roles->fallthrough();

  CLI::App* command = roles->add_subcommand("create", "Make a role, or change its policy");
  command->add_option("NAME", role.name, "As in taskRoleArn's last part")->required();
  command->add_option("--policy", role.policy, "IAM policy document: a file, or -")->required();
  AddAccess(command);
  command->callback([this] { work = [this] { return CreateRole(access, role); }; });

  command = roles->add_subcommand("list", "List the roles' ARNs");
  AddAccess(command);
  command->callback([this] { work = [this] { return ListRoles(access); }; });

  command = roles->add_subcommand("delete", "Remove a role");
  command->add_option("NAME", name, "The role")->required();
  AddAccess(command);
  command->callback([this] { work = [this] { return DeleteRole(access, name); }; });

  command = app.add_subcommand("agent-key", "Print a key for one more host's agent");
  command->add_option("NAME", name, "Of the host")->required();
  AddAccess(command);
  command->callback([this] { work = [this] { return CreateAgentKey(access, name); }; });
}

}  // namespace
}  // namespace berth::agent::cluster

int main(int argc, char** argv) {
  using namespace berth::agent::cluster;
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = line.app.exit(error);
    return code == 0 ? 0 : 2;
  }
  const auto done = line.work();
  if (done) return 0;
  std::cerr << "berth: " << done.error().message() << '\n';
  return 1;
}
