#include "agent/engine/launch_job.h"

#include <algorithm>

#include "agent/engine/order.h"
#include "agent/images/store.h"
#include "agent/shim/control.h"
#include "agent/task/launch.h"
#include "agent/task/teardown.h"
#include "base/log.h"

namespace berth::agent::engine {
namespace {

// As people see it in `berth ps`: ecs-web-3-0af1b2c3.
std::string NameOf(const BookedTask& task) {
  std::string family = task.order.family;
  std::replace_if(
      family.begin(), family.end(),
      [](char c) { return !::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_'; },
      '-');
  return fmt::format("ecs-{}-{}-{}", family, task.order.version, task.id.substr(0, 8));
}

Result<TaskView> LaunchOrError(const LaunchJob& job, LaunchOutcome& outcome) {
  AgentContext context = TRY(AgentContext::Open(job.paths));
  auto definition =
      TRY(DefinitionOf(job.task.order, {.secret = job.task.secret, .region = job.region}));
  auto interface = TRY(InterfaceOf(job.task.order));
  LaunchRequest request = {.name = NameOf(job.task),
                           .definition = std::move(definition),
                           .id = job.task.id,
                           .interface = std::move(interface),
                           .task_limits = job.limits,
                           .netns_pool = job.netns_pool,
                           .warn = [](std::string_view text) { log::Warning("{}", text); },
                           .announce =
                               [&](const TaskRecord& record) {
                                 auto view = ViewTask(context, record);
                                 if (view) job.announce(*std::move(view));
                               }};
  images::Store store = TRY(images::Store::Open(job.paths.Images()));
  // Nothing is collected until the shim has mounted what was found here.
  const UniqueFd hold = TRY(store.Hold());
  outcome.pull_started = Now();
  request.images = TRY(ResolveImages(context, store, request.definition,
                                     {.pull = job.pull,
                                      .pull_began = [](std::string_view) {},
                                      .image_ready = [](const images::Image&) {}}));
  outcome.pull_stopped = Now();
  for (size_t i = 0; i < request.images.size(); ++i) {
    outcome.digests[request.definition.containerDefinitions[i].name] =
        request.images[i].digest.ToString();
  }
  const TaskRecord record = TRY(LaunchTask(context, std::move(request)));
  return ViewTask(context, record);
}

}  // namespace

LaunchOutcome Launch(const LaunchJob& job) {
  const log::Field about("ECS_TASK_ARN", job.task.order.arn);
  LaunchOutcome outcome;
  outcome.view = LaunchOrError(job, outcome);
  outcome.no_room =
      !outcome.view && outcome.view.error().message().find("RESOURCE:") != std::string::npos;
  return outcome;
}

Result<void> AskToStop(const Paths& paths, const std::string& task_id) {
  auto control = shim::ConnectControl(paths.ControlSocket(task_id));
  if (!control && (control.error().Is(ENOENT) || control.error().Is(ECONNREFUSED))) return {};
  TRY(shim::Call(TRY(std::move(control)).get(), {.kind = shim::Request::Kind::kStop,
                                                 .stop_code = "UserInitiated",
                                                 .reason = "Task stopped by its scheduler"}));
  return {};
}

Result<TaskView> Finish(const Paths& paths, const std::string& task_id) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const Sighting seen = TRY(LookAt(context, TRY(context.state.Find(task_id))));
  if (!seen.alive && seen.task.phase != Phase::kEnded) {
    TRY(EndTask(context, seen.task, "the task's shim has died"));
  }
  return ViewTask(context, TRY(context.state.Find(task_id)));
}

Result<void> Remove(const Paths& paths, const std::string& task_id) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const auto record = context.state.Find(task_id);
  if (!record) return {};  // somebody was quicker
  return RemoveTask(context, *record);
}

Result<std::optional<TaskView>> Recall(const Paths& paths, const std::string& task_id) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const auto record = context.state.Find(task_id);
  if (!record) return std::optional<TaskView>();
  const Sighting seen = TRY(LookAt(context, *record));
  const bool interrupted = seen.task.phase == Phase::kIntent && !seen.alive;
  if (interrupted) {
    TRY(RemoveTask(context, seen.task));
    return std::optional<TaskView>();
  }
  if (seen.task.phase != Phase::kEnded && !seen.alive) {
    TRY(EndTask(context, seen.task, "the task's shim has died"));
  }
  return std::optional(TRY(ViewTask(context, TRY(context.state.Find(task_id)))));
}

}  // namespace berth::agent::engine
