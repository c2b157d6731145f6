// When a container may start and when it must stop: ECS `dependsOn`, as pure decisions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/shim/event.h"
#include "agent/shim/plan.h"

namespace berth::agent::shim {

using TimePoint = std::chrono::steady_clock::time_point;

/// Where one container stands.
struct ContainerState {
  enum class Phase { kWaiting, kLaunching, kRunning, kStopped };
  Phase phase = Phase::kWaiting;
  Health health = Health::kUnknown;
  std::optional<TimePoint> started;  // last start; nothing if it never ran
  std::optional<int> exit_code;      // once stopped, if it ran or its program could not be executed
};

/// What the dependencies of a container say.
struct Readiness {
  enum class Verdict { kReady, kWait, kNever };
  Verdict verdict = Verdict::kReady;
  std::string reason;                  // of kNever
  std::optional<TimePoint> ask_again;  // with kWait: when a start timeout may decide it
};

/// `index` is the container that wants to start. A dependency that is over its startTimeout before
/// it has met a COMPLETE, SUCCESS or HEALTHY condition will never meet it.
Readiness ReadyToStart(const TaskPlan& plan, const std::vector<ContainerState>& states,
                       size_t index, TimePoint now);

/// True once every container that depends on `index` has stopped: containers stop in the opposite
/// order of their start.
bool ReadyToStop(const TaskPlan& plan, const std::vector<ContainerState>& states, size_t index);

}  // namespace berth::agent::shim
