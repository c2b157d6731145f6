// berth: the operator's command line. Here is what it takes; what it does is in the commands.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "agent/cli/commands.h"
#include "agent/task/start_shim.h"

namespace berth::agent::cli {
namespace {

using Work = std::function<Result<int>()>;

// What has to do with a scheduler is berth-cluster's: most commands need not load that.
constexpr std::pair<const char*, const char*> kClusterCommands[] = {
    {"up", "Start a scheduler and an agent on this host"},
    {"down", "End both; tasks go on"},
    {"role", "Roles for tasks: create, list, delete"},
    {"agent-key", "Print a key for one more host's agent"},
};

bool IsForCluster(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with('-')) {
      i += word.find('=') == std::string_view::npos ? 1 : 0;  // the options here take a value
      continue;
    }
    return std::any_of(std::begin(kClusterCommands), std::end(kClusterCommands),
                       [&](const auto& command) { return word == command.first; });
  }
  return false;
}

int BecomeCluster(char** argv) {
  const auto program = OwnProgram("berth-cluster");
  if (program) ::execv(program->c_str(), argv);
  std::cerr << "berth: " << (program ? ErrnoMessage(errno) : program.error().message()) << '\n';
  return 1;
}

// The commands' options live as long as the program; each command sets `work`.
struct CommandLine {
  Paths paths;
  Work work;
  CLI::App app{"Amazon ECS on your own Linux hosts"};

  CommandLine();
  template <typename Options>
  CLI::App* Command(const char* name, const char* what,
                    Result<int> (*run)(const Paths&, const Options&), Options& options) {
    return CommandOf(app, {name, what}, run, options);
  }
  struct Words {
    const char* name;
    const char* what;
  };
  template <typename Options>
  CLI::App* CommandOf(CLI::App& parent, Words words,
                      Result<int> (*run)(const Paths&, const Options&), Options& options) {
    CLI::App* command = parent.add_subcommand(words.name, words.what);
    command->callback(
        [this, run, &options] { work = [this, run, &options] { return run(paths, options); }; });
    return command;
  }
  void AddTaskCommands();
  void AddImageCommands();
  void AddGroupCommands();
  void AddNetworkCommands();
  void AddHostCommands();

  RunOptions run;
  PsOptions ps;
  LogsOptions logs;
  ExecOptions exec;
  StopOptions stop;
  RmOptions rm;
  InspectOptions inspect;
  NetTraceOptions net_trace;
  NetInspectOptions net_inspect;
  ImagesOptions images;
  PullCommandOptions pull;
  ImportCommandOptions import;
  RmiOptions rmi;
  SgCreateOptions sg_create;
  SgRuleOptions sg_authorize;
  SgRuleOptions sg_revoke;
  SgDescribeOptions sg_describe;
  SgDeleteOptions sg_delete;
  DoctorOptions doctor;
  std::string finish;
};

void AddJson(CLI::App* command, Output& output) {
  command->add_flag_callback(
      "--json", [&output] { output = Output::kJson; }, "Write JSON, for programs");
}

CommandLine::CommandLine() {
  app.set_version_flag("--version", "berth " BERTH_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--root", paths.root, "Where tasks and images are kept")->capture_default_str();
  app.add_option("--run-dir", paths.run, "Where sockets and locks are")->capture_default_str();
  app.add_option("--config", paths.config, "The host's configuration")->capture_default_str();
  AddTaskCommands();
  AddImageCommands();
  AddGroupCommands();
  AddNetworkCommands();
  AddHostCommands();
}

void CommandLine::AddTaskCommands() {
  CLI::App* command = Command("run", "Run a task definition", cli::Run, run);
  command->add_option("TASKDEF", run.task_definition, "JSON file, or - for standard input")
      ->required();
  command->add_flag("-d,--detach", run.detach, "Return once the task is started");
  command->add_flag("--keep", run.keep, "Keep the stopped task for ps, logs and inspect");
  command->add_option("--name", run.name, "What to call the task (default: its family)");
  command->add_option("--overrides", run.overrides, "JSON file with RunTask's overrides");
  command->add_option("--network-configuration", run.network_configuration,
                      "JSON file with RunTask's networkConfiguration");
  command->add_option("--pull", run.pull, "When to pull images: missing, always or never")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, PullBehavior>{{"missing", PullBehavior::kPreferCached},
                                              {"always", PullBehavior::kAlways},
                                              {"never", PullBehavior::kNever}}));
  command->add_flag("--ignore-unsupported", run.ignore_unsupported,
                    "Run without what is not supported yet, with a warning");
  command->add_flag("--strict-limits", run.strict_limits,
                    "Refuse the task if the host can't enforce its limits");
  command
      ->add_option("--cgroup-manager", run.cgroup_manager,
                   "Who makes the task's cgroups: auto, cgroupfs or systemd")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, cgroups::Manager>{{"auto", cgroups::Manager::kAuto},
                                                  {"cgroupfs", cgroups::Manager::kCgroupfs},
                                                  {"systemd", cgroups::Manager::kSystemd}}));
  AddJson(command, run.output);

  command = Command("ps", "List the tasks", Ps, ps);
  command->add_flag("-a,--all", ps.all, "Stopped ones, too");
  AddJson(command, ps.output);

  command = Command("logs", "Show what a task's containers wrote", Logs, logs);
  command->add_option("TASK", logs.task, "Name, id, or the start of an id")->required();
  command->add_option("CONTAINER", logs.container, "Only this one");
  command->add_flag("-f,--follow", logs.follow, "Go on until the task stops");
  command->add_flag("-t,--timestamps", logs.timestamps, "With the time of each line");

  command = Command("exec", "Run a program in a running container", cli::Exec, exec);
  command->add_flag("-i,--interactive", exec.interactive, "Pass standard input on");
  command->add_flag("-t,--tty", exec.terminal, "With a terminal");
  command->add_option("-u,--user", exec.user, "As this user[:group]");
  command->add_option("-w,--workdir", exec.workdir, "In this directory");
  command->add_option("-e,--env", exec.env, "NAME=value")->allow_extra_args(false);
  command->add_option("TASK", exec.task, "Name, id, or the start of an id")->required();
  command->add_option("CONTAINER", exec.container, "Which of its containers")->required();
  command->add_option("COMMAND", exec.command, "Program and arguments, after --")->required();
  command->positionals_at_end(false);

  command = Command("stop", "Stop tasks: SIGTERM, stopTimeout, SIGKILL, dependants first",
                    cli::Stop, stop);
  command->add_option("TASK", stop.tasks, "Names or ids")->required();
  command->add_option("--timeout", stop.timeout, "Seconds, in place of each stopTimeout")
      ->check(CLI::NonNegativeNumber);

  command = Command("rm", "Remove stopped tasks and all that is left of them", cli::Rm, rm);
  command->add_option("TASK", rm.tasks, "Names or ids");
  command->add_flag("-a,--all", rm.all, "All stopped tasks");
  command->add_flag("-f,--force", rm.force, "Running ones too: they are killed");

  command = Command("inspect", "Show all there is to know of tasks, as JSON", Inspect, inspect);
  command->add_option("TASK", inspect.tasks, "Names or ids")->required();
}

void CommandLine::AddImageCommands() {
  CLI::App* command = Command("images", "List the images", Images, images);
  AddJson(command, images.output);

  command = Command("pull", "Fetch an image from a registry", Pull, pull);
  command->add_option("REFERENCE", pull.reference, "As registry/repository:tag")->required();
  AddJson(command, pull.output);

  command = Command("import",
                    "Make an image from an OCI layout, a docker save archive or a root file system",
                    Import, import);
  command->add_option("PATH", import.path, "Directory or archive")->required();
  command->add_option("--name", import.name, "What to call it");
  command->add_option("--entrypoint", import.entrypoint, "Its entry point")
      ->allow_extra_args(false);
  command->add_option("--cmd", import.cmd, "Its command, one word each")->allow_extra_args(false);
  command->add_option("--env", import.env, "NAME=value")->allow_extra_args(false);
  command->add_option("--user", import.user, "user[:group]");
  command->add_option("--workdir", import.workdir, "Working directory");

  command = Command("rmi", "Remove images", Rmi, rmi);
  command->add_option("IMAGE", rmi.images, "Names")->required();
}

void AddRule(CLI::App* command, SgRuleOptions& options) {
  command->add_option("GROUP", options.group, "Id or name")->required();
  command->add_flag_callback(
      "--egress", [&options] { options.direction = RuleDirection::kEgress; },
      "What its members may send, not what they get");
  command->add_option("--protocol", options.rule.protocol, "tcp, udp, icmp, icmpv6, 0-255 or all");
  command->add_option("--port", options.rule.port,
                      "80, 8000-8010 or all; of ICMP the type, or TYPE-CODE");
  command->add_option("--cidr", options.rule.cidrs, "IPv4 or IPv6 range")->allow_extra_args(false);
  command->add_option("--source-group", options.rule.groups, "Id of a group, for its members")
      ->allow_extra_args(false);
  command->add_option("--ip-permissions", options.permissions_file,
                      "JSON file with IpPermissions in place of the above, or -");
}

void CommandLine::AddGroupCommands() {
  CLI::App* groups = app.add_subcommand("sg", "Security groups of this host");
  groups->require_subcommand(1);
  groups->fallthrough();

  CLI::App* command =
      CommandOf(*groups, {"create", "Make a group that lets nothing in"}, SgCreate, sg_create);
  command->add_option("NAME", sg_create.name, "What to call it")->required();
  command->add_option("--description", sg_create.description, "What it is for");
  command->add_option("--group-id", sg_create.group_id, "Its id (default: a new one)");

  command = CommandOf(*groups, {"authorize", "Add rules, also for running tasks"}, SgAuthorize,
                      sg_authorize);
  AddRule(command, sg_authorize);

  command = CommandOf(*groups, {"revoke", "Take rules away, also from running tasks"}, SgRevoke,
                      sg_revoke);
  AddRule(command, sg_revoke);
  command->add_flag_callback(
      "--cut", [this] { sg_revoke.cut = Cut::kForbiddenFlows; },
      "End connections that are no longer allowed; without it they live on, as on EC2");

  command = CommandOf(*groups, {"describe", "Show groups as JSON"}, SgDescribe, sg_describe);
  command->add_option("GROUP", sg_describe.groups, "Ids or names (default: all)");

  command = CommandOf(*groups, {"delete", "Remove a group that nobody is in"}, SgDelete, sg_delete);
  command->add_option("GROUP", sg_delete.group, "Id or name")->required();
}

void CommandLine::AddNetworkCommands() {
  CLI::App* net = app.add_subcommand("net", "The network of tasks: trace, inspect");
  net->require_subcommand(1);

  CLI::App* command = CommandOf(
      *net, {"trace", "Say which rule of the firewall decides about a flow"}, NetTrace, net_trace);
  constexpr const char* kEnd = "Task, task/container, IP address, or internet";
  command->add_option("FROM", net_trace.from, kEnd)->required();
  command->add_option("TO", net_trace.to, kEnd)->required();
  command->add_option("PORT", net_trace.port, "Of the destination")
      ->required()
      ->check(CLI::Range(1, 65535));
  command->add_option("--protocol", net_trace.protocol, "tcp or udp")
      ->check(CLI::IsMember({"tcp", "udp"}))
      ->capture_default_str();
  AddJson(command, net_trace.output);

  command =
      CommandOf(*net, {"inspect", "Show addresses, groups, ports and counters of tasks, as JSON"},
                NetInspect, net_inspect);
  command->add_option("TASK", net_inspect.tasks, "Names or ids")->required();
}

void CommandLine::AddHostCommands() {
  CLI::App* command = Command("doctor", "Say what this host can and can't do", Doctor, doctor);
  AddJson(command, doctor.output);

  // Of another program, which gets the whole command line (Main looks at it first).
  for (const auto& [name, what] : kClusterCommands) app.add_subcommand(name, what);

  // For shims: what they become once their task has stopped.
  command = app.add_subcommand("finish")->group("");
  command->add_option("ID", finish)->required();
  command->callback([this] { work = [this] { return Finish(paths, finish); }; });
}

int Main(int argc, char** argv) {
  if (IsForCluster(argc, argv)) return BecomeCluster(argv);
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = line.app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (line.rm.tasks.empty() && !line.rm.all && line.app.got_subcommand("rm")) {
    std::cerr << "berth rm: name a task, or use --all\n";
    return 2;
  }
  const auto code = line.work();
  if (code) return *code;
  std::cerr << "berth: " << code.error().message() << "\n";
  // Codes up to 124 may be a task's own.
  return line.app.got_subcommand("run") ? 125 : 1;
}

}  // namespace
}  // namespace berth::agent::cli

int main(int argc, char** argv) { return berth::agent::cli::Main(argc, argv); }
