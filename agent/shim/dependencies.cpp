#include "agent/shim/dependencies.h"

#include "base/format.h"

namespace berth::agent::shim {
namespace {

using Phase = ContainerState::Phase;
using Verdict = Readiness::Verdict;

std::string_view Name(Condition condition) {
  switch (condition) {
    case Condition::kStart:
      return "START";
    case Condition::kComplete:
      return "COMPLETE";
    case Condition::kSuccess:
      return "SUCCESS";
    case Condition::kHealthy:
      return "HEALTHY";
  }
  return "";
}

bool Met(Condition condition, const ContainerState& state) {
  // A program that could not be executed has an exit code (127 or 126) as well.
  const bool ran_to_its_end =
      state.phase == Phase::kStopped && state.started && state.exit_code.has_value();
  switch (condition) {
    case Condition::kStart:
      return state.phase == Phase::kRunning || ran_to_its_end;
    case Condition::kComplete:
      return ran_to_its_end;
    case Condition::kSuccess:
      return ran_to_its_end && *state.exit_code == 0;
    case Condition::kHealthy:
      return state.phase == Phase::kRunning && state.health == Health::kHealthy;
  }
  return false;
}

// A restart policy brings a container back from kStopped at once, so what is kStopped here stays
// so.
std::string WhyNever(const ContainerState& state) {
  if (!state.started || !state.exit_code) return "it was never started";
  return fmt::format("it exited with code {}", *state.exit_code);
}

}  // namespace

Readiness ReadyToStart(const TaskPlan& plan, const std::vector<ContainerState>& states,
                       size_t index, TimePoint now) {
  Readiness readiness;
  for (const Dependency& dependency : plan.containers[index].depends_on) {
    const ContainerPlan& other = plan.containers[dependency.container];
    const ContainerState& state = states[dependency.container];
    if (Met(dependency.condition, state)) continue;
    const auto never = [&](std::string_view why) {
      return Readiness{.verdict = Verdict::kNever,
                       .reason = fmt::format("TaskDependencyError: {} will not become {}: {}",
                                             other.name, Name(dependency.condition), why)};
    };
    if (state.phase == Phase::kStopped) return never(WhyNever(state));
    readiness.verdict = Verdict::kWait;
    const bool timed = dependency.condition != Condition::kStart;
    if (!timed || !other.start_timeout || !state.started) continue;
    const TimePoint limit = *state.started + *other.start_timeout;
    if (now >= limit) {
      return never(fmt::format("its startTimeout of {} s is over", other.start_timeout->count()));
    }
    if (!readiness.ask_again || limit < *readiness.ask_again) readiness.ask_again = limit;
  }
  return readiness;
}

bool ReadyToStop(const TaskPlan& plan, const std::vector<ContainerState>& states, size_t index) {
  for (size_t other = 0; other < plan.containers.size(); ++other) {
    if (states[other].phase == Phase::kStopped) continue;
    for (const Dependency& dependency : plan.containers[other].depends_on) {
      if (dependency.container == index) return false;
    }
  }
  return true;
}

}  // namespace berth::agent::shim
