#include "agent/task/build_plan.h"

#include <signal.h>
#include <string.h>

#include <algorithm>

#include "base/text.h"

namespace berth::agent {
namespace {

size_t IndexOf(const ecs::TaskDefinition& task, std::string_view name) {
  const auto& containers = task.containerDefinitions;
  const auto found = std::find_if(containers.begin(), containers.end(),
                                  [&](const auto& container) { return container.name == name; });
  return static_cast<size_t>(found - containers.begin());  // names are validated
}

// ECS agent: links become START, volumesFrom CREATE dependencies; a volume that is filled from its
// container's image is there once that has started.
std::vector<shim::Dependency> Dependencies(const ecs::TaskDefinition& task,
                                           const ecs::ContainerDefinition& container) {
  std::vector<shim::Dependency> dependencies;
  for (const ecs::ContainerDependency& dependency : container.dependsOn) {
    dependencies.push_back({.container = IndexOf(task, dependency.containerName),
                            .condition = static_cast<shim::Condition>(dependency.condition)});
  }
  for (const std::string& link : container.links) {
    dependencies.push_back({.container = IndexOf(task, Split(link, ':').front())});
  }
  for (const ecs::VolumeFrom& from : container.volumesFrom) {
    dependencies.push_back({.container = IndexOf(task, from.sourceContainer)});
  }
  return dependencies;
}

std::optional<shim::HealthCheckPlan> HealthCheck(const ecs::ContainerDefinition& container) {
  if (!container.healthCheck) return std::nullopt;
  const ecs::HealthCheck& check = *container.healthCheck;
  if (check.command.empty() || check.command.front() == "NONE") return std::nullopt;
  shim::HealthCheckPlan plan = {.interval = std::chrono::seconds(check.interval),
                                .timeout = std::chrono::seconds(check.timeout),
                                .start_period = std::chrono::seconds(check.startPeriod),
                                .retries = static_cast<int>(check.retries)};
  plan.args.assign(check.command.begin() + 1, check.command.end());
  if (check.command.front() == "CMD-SHELL") plan.args.insert(plan.args.begin(), {"/bin/sh", "-c"});
  return plan;
}

std::optional<shim::RestartPlan> Restart(const ecs::ContainerDefinition& container) {
  if (!container.restartPolicy || !container.restartPolicy->enabled) return std::nullopt;
  shim::RestartPlan plan = {
      .attempt_period = std::chrono::seconds(container.restartPolicy->restartAttemptPeriod)};
  for (const int64_t code : container.restartPolicy->ignoredExitCodes) {
    plan.ignored_exit_codes.push_back(static_cast<int>(code));
  }
  return plan;
}

// "SIGTERM", "TERM" or "15".
Result<int> StopSignal(const std::string& text) {
  if (text.empty()) return SIGTERM;
  if (const auto number = ParseInteger<int>(text); number && *number > 0 && *number < NSIG) {
    return *number;
  }
  const std::string_view name =
      text.starts_with("SIG") ? std::string_view(text).substr(3) : std::string_view(text);
  for (int signal = 1; signal < NSIG; ++signal) {
    const char* abbreviation = ::sigabbrev_np(signal);
    if (abbreviation != nullptr && name == abbreviation) return signal;
  }
  if (name.starts_with("RTMIN+")) {
    const auto offset = ParseInteger<int>(name.substr(6));
    if (offset && *offset >= 0 && SIGRTMIN + *offset <= SIGRTMAX) return SIGRTMIN + *offset;
  }
  return MakeError("the image's stop signal {} is unknown", text);
}

// Docker's sizes: a number with k, m or g.
Result<uint64_t> LogSize(const std::string& text) {
  std::string_view number = text;
  uint64_t unit = 1;
  if (!number.empty()) {
    const char last = static_cast<char>(::tolower(number.back()));
    unit = last == 'k' ? 1 << 10 : last == 'm' ? 1 << 20 : last == 'g' ? 1 << 30 : 1;
    if (unit != 1) number.remove_suffix(1);
  }
  const auto value = ParseInteger<uint64_t>(number);
  if (!value || *value == 0 || *value > (uint64_t{1} << 40)) {
    return MakeError("max-size: must be a number with k, m or g, not {}", text);
  }
  return *value * unit;
}

Result<void> SetLog(const ecs::ContainerDefinition& container, shim::ContainerPlan& plan) {
  if (!container.logConfiguration) return {};
  const auto& options = container.logConfiguration->options;
  if (const auto size = options.find("max-size"); size != options.end()) {
    plan.log_max_size = TRY(LogSize(size->second));
  }
  if (const auto files = options.find("max-file"); files != options.end()) {
    const auto count = ParseInteger<int>(files->second);
    if (!count || *count < 1 || *count > 1000) {
      return MakeError("max-file: must be from 1 to 1000, not {}", files->second);
    }
    plan.log_max_files = *count;
  }
  return {};
}

}  // namespace

Result<shim::ContainerPlan> BuildContainerPlan(const std::string& task_id,
                                               const ecs::TaskDefinition& task, size_t index,
                                               const images::Image& image, const Paths& paths) {
  const ecs::ContainerDefinition& container = task.containerDefinitions[index];
  const std::string bundle = paths.Bundle(task_id, container.name);
  const auto stop_signal = TRY(StopSignal(image.config.stopSignal));
  shim::ContainerPlan plan = {
      .name = container.name,
      .bundle = bundle,
      .layers = image.layers,
      .upper = bundle + "/upper",
      .work = bundle + "/work",
      .user = container.user.value_or(image.config.user),
      .log = paths.Log(task_id, container.name),
      .essential = container.essential,
      .open_stdin = container.interactive,
      .terminal = container.pseudoTerminal,
      .stop_signal = stop_signal,
      .depends_on = Dependencies(task, container),
      .health_check = HealthCheck(container),
      .restart = Restart(container),
  };
  if (container.stopTimeout) plan.stop_timeout = std::chrono::seconds(*container.stopTimeout);
  if (container.startTimeout) plan.start_timeout = std::chrono::seconds(*container.startTimeout);
  TRY(SetLog(container, plan).Context("containerDefinitions[{}].logConfiguration.options", index));
  return plan;
}

}  // namespace berth::agent
