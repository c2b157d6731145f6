// berth run: a task definition, from the file to the end of the task.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "agent/cli/commands.h"
#include "agent/cli/input.h"
#include "agent/cli/run_view.h"
#include "agent/network/firewall_guard.h"
#include "agent/shim/control.h"
#include "agent/task/follow.h"
#include "agent/task/launch.h"
#include "agent/task/resolve_images.h"
#include "agent/task/task_view.h"
#include "agent/task/teardown.h"
#include "agent/task/unsupported.h"
#include "base/files.h"
#include "base/pidfd.h"
#include "base/text.h"
#include "ecs/overrides.h"
#include "ecs/parse.h"

namespace berth::agent::cli {
namespace {

// The exit code of `berth run` if it failed itself, as with docker run: 1 to 124 may be the task's.
constexpr int kOwnFailure = 125;

Result<ecs::TaskDefinition> LoadDefinition(const RunOptions& options, RunView& view) {
  const std::string text = TRY(ReadInput(options.task_definition));
  ecs::TaskDefinition definition =
      TRY(ecs::ParseTaskDefinition(text).Context("{}", options.task_definition));
  if (!options.overrides.empty()) {
    const ecs::TaskOverride overrides = TRY(
        ecs::ParseTaskOverride(TRY(ReadInput(options.overrides))).Context("{}", options.overrides));
    definition =
        TRY(ecs::ApplyOverrides(std::move(definition), overrides).Context("{}", options.overrides));
  }
  const std::vector<std::string> unsupported = FindUnsupported(definition);
  if (unsupported.empty()) return definition;
  std::vector<std::string> lines;
  for (const std::string& path : unsupported) {
    lines.push_back(fmt::format("{} is not supported yet", path));
  }
  if (!options.ignore_unsupported) {
    return MakeError("{}: {}\n(--ignore-unsupported runs the task without)",
                     options.task_definition, Join(lines, "\n"));
  }
  for (const std::string& line : lines) view.Warning(line);
  return definition;
}

Result<ecs::NetworkConfiguration> LoadNetwork(const RunOptions& options) {
  if (options.network_configuration.empty()) return ecs::NetworkConfiguration();
  return ecs::ParseNetworkConfiguration(TRY(ReadInput(options.network_configuration)))
      .Context("{}", options.network_configuration);
}

// The family, or the family with the first free number: people stop what they ran by its name.
Result<std::string> FreeName(AgentContext& context, const std::string& family) {
  const std::vector<TaskRecord> tasks = TRY(context.state.Tasks());
  for (int number = 1;; ++number) {
    std::string name = number == 1 ? family : fmt::format("{}-{}", family, number);
    const bool taken = std::any_of(tasks.begin(), tasks.end(),
                                   [&](const TaskRecord& task) { return task.name == name; });
    if (!taken) return name;
  }
}

Result<void> CheckName(const std::string& name) {
  const auto allowed = [](char c) {
    return ::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > 255 || !std::all_of(name.begin(), name.end(), allowed)) {
    return MakeError("--name: up to 255 letters, digits, hyphens and underscores, not \"{}\"",
                     name);
  }
  return {};
}

// What the terminal and other programs tell us while the task runs.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&caught_);
    for (const int signal : {SIGINT, SIGTERM}) ::sigaddset(&caught_, signal);
    // A reader of our output that goes away leaves the task, and its clean-up, as they are.
    sigset_t blocked = caught_;
    ::sigaddset(&blocked, SIGPIPE);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    fd_ = UniqueFd(::signalfd(-1, &caught_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  int fd() const { return fd_.get(); }
  bool Take() {
    signalfd_siginfo info;
    return ::read(fd_.get(), &info, sizeof info) == sizeof info;
  }

 private:
  sigset_t caught_;
  UniqueFd fd_;
};

class Follow {
 public:
  Follow(AgentContext& context, TaskRecord task, RunView& view)
      : context_(context), task_(std::move(task)), view_(view) {}

  // Shows the task until its shim has ended.
  Result<void> UntilEnd(Signals& signals) {
    const TaskView start = TRY(ViewTask(context_, task_));
    std::vector<std::string> names;
    for (const ContainerView& container : start.containers) names.push_back(container.name);
    Follower follower(context_.paths, task_.id, names);
    Own();
    Pidfd shim = TRY(Pidfd::Open(static_cast<pid_t>(task_.owner.pid)));
    // A host without an agent has nobody else to see to it.
    auto guard = FirewallGuard::Start(context_.paths.NetLock(), {});
    if (!guard) view_.Warning(guard.error().message());
    for (bool ended = false;;) {
      // Before the first wait, too: what was written before we were the owner was not told.
      ClearNews();
      Show(TRY(follower.Next()));
      if (ended) break;
      pollfd fds[] = {{.fd = owned_.get(), .events = POLLIN, .revents = 0},
                      {.fd = shim.fd(), .events = POLLIN, .revents = 0},
                      {.fd = signals.fd(), .events = POLLIN, .revents = 0},
                      {.fd = guard ? guard->fd() : -1, .events = POLLIN, .revents = 0}};
      if (::poll(fds, std::size(fds), -1) < 0 && errno != EINTR) return ErrnoError("poll");
      ended = fds[1].revents != 0;
      if (fds[3].revents != 0) guard->Answer();
      while (signals.Take()) Stop();
    }
    TRY(shim.Reap());
    return {};
  }

 private:
  // "I clean up, and I want to hear of news": as long as the connection is open.
  void Own() {
    auto control = shim::ConnectControl(context_.paths.ControlSocket(task_.id));
    if (!control) return;  // it is over already
    if (shim::Call(control->get(), {.kind = shim::Request::Kind::kOwn})) {
      owned_ = std::move(*control);
    }
  }

  // Takes the shim's notices away; the connection, too, once it is closed.
  void ClearNews() {
    char notice[64];
    ssize_t size = 0;
    while (owned_ && (size = ::recv(owned_.get(), notice, sizeof notice, MSG_DONTWAIT)) > 0) {
    }
    if (size == 0) owned_.Reset();
  }

  // The first Ctrl-C stops the task as ECS would; the next one does not wait.
  void Stop() {
    const auto control = shim::ConnectControl(context_.paths.ControlSocket(task_.id));
    if (!control) return;  // it has stopped
    shim::Request request = {.kind = shim::Request::Kind::kStop,
                             .stop_code = "UserInitiated",
                             .reason = "Task stopped by user"};
    if (stops_++ > 0) request.stop_timeout = 0;
    view_.Stopping();
    const auto asked = shim::Call(control->get(), request);
    if (!asked) view_.Warning(asked.error().message());
  }

  void Show(const News& news) {
    for (const News::Line& line : news.lines) view_.Output(line.container, line.entry);
    for (const shim::Event& event : news.events) view_.Happened(event);
  }

  AgentContext& context_;
  TaskRecord task_;
  RunView& view_;
  UniqueFd owned_;  // the connection that makes us the owner
  int stops_ = 0;
};

Result<TaskRecord> Launch(AgentContext& context, const RunOptions& options, RunView& view) {
  LaunchRequest request;
  request.definition = TRY(LoadDefinition(options, view));
  request.network = TRY(LoadNetwork(options));
  request.warn = [&](std::string_view text) { view.Warning(text); };
  request.cgroup_manager = options.cgroup_manager;
  request.limits = options.strict_limits ? LimitPolicy::kRefuse : LimitPolicy::kWarn;
  request.name =
      options.name.empty() ? TRY(FreeName(context, request.definition.family)) : options.name;
  TRY(CheckName(request.name));
  images::Store store = TRY(images::Store::Open(context.paths.Images()));
  // Nothing is collected until the shim has mounted what was found here.
  const UniqueFd hold = TRY(store.Hold());
  request.images =
      TRY(ResolveImages(context, store, request.definition,
                        {.pull = options.pull,
                         .pull_began = [&](std::string_view image) { view.PullBegan(image); },
                         .image_ready =
                             [&](const images::Image& image) {
                               view.ImageReady(image.name, image.digest.ToString());
                             },
                         .progress = &view}));
  return LaunchTask(context, std::move(request));
}

Result<int> RunTask(const Paths& paths, const RunOptions& options, RunView& view) {
  AgentContext context = TRY(AgentContext::Open(paths));
  if (const auto recovered = Recover(context); !recovered) {
    view.Warning(recovered.error().message());
  }
  // From before the shim is started: a Ctrl-C during the launch is answered once there is a task.
  Signals signals;
  const TaskRecord task = TRY(Launch(context, options, view));
  view.NetworkReady(TRY(ViewTask(context, task)));
  if (options.detach) {
    view.Finished(TRY(ViewTask(context, task)));
    return 0;
  }
  TRY(Follow(context, task, view).UntilEnd(signals));
  const TaskView stopped = TRY(ViewTask(context, task));
  view.Finished(stopped);
  TRY(options.keep ? EndTask(context, task, "the task's shim has died", Interfaces::kGoneSoon)
                   : RemoveTask(context, task, Interfaces::kGoneSoon));
  return stopped.ExitCode().value_or(kOwnFailure);
}

}  // namespace

Result<int> Run(const Paths& paths, const RunOptions& options) {
  const auto view =
      MakeRunView(options.output == Output::kJson ? ViewKind::kJson : ViewForStderr());
  return RunTask(paths, options, *view);
}

}  // namespace berth::agent::cli
