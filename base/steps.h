// A procedure as a table of named steps. The table gives each failure its context, each step its
// time, and each test a place to stop: BERTH_FAIL_AT and BERTH_KILL_AT name a step as
// `procedure.step`, or by its number in a stream of like ones (only in builds with
// BERTH_FAULT_POINTS).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth {

/// In builds with fault points: fails, or ends this process with SIGKILL, if the environment names
/// this point. Otherwise nothing.
Result<void> FaultPoint(std::string_view procedure, std::string_view step);

/// Fault points in a stream of like things, as messages are: BERTH_KILL_AT=`stream.N` asks for the
/// death of this process after its Nth. Called before `coming` of them are done; returns how many
/// of these to do before `Die`, if that is among them. What a forked child does is counted on.
std::optional<size_t> DeathWithin(std::string_view stream, size_t coming);
[[noreturn]] void Die();

/// How long steps take, for the debug log; without it nothing is measured.
class StepClock {
 public:
  StepClock();
  /// Says that a step ends now, which began when the last one ended.
  void Tell(std::string_view procedure, std::string_view step);

 private:
  std::optional<std::chrono::steady_clock::time_point> begun_;
};

template <typename Subject>
struct Step {
  const char* name;
  Result<void> (*run)(Subject&);
};

/// Whether a failure is told by the name of its step, or its message says enough by itself.
enum class StepNames { kTold, kUntold };

/// Runs the steps in order up to the first failure, whose message then starts with the step's name
/// if `names` says so. The fault point of a step lies after it: what it made exists, nothing later
/// does.
template <typename Subject>
Result<void> RunSteps(const char* procedure, std::span<const Step<Subject>> steps, Subject& subject,
                      StepNames names = StepNames::kTold) {
  StepClock clock;
  for (const Step<Subject>& step : steps) {
    Result<void> done = step.run(subject);
    clock.Tell(procedure, step.name);
    TRY(names == StepNames::kTold ? std::move(done).Context("{}", step.name) : std::move(done));
    TRY(FaultPoint(procedure, step.name));
  }
  return {};
}

}  // namespace berth
