#include "base/steps.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "base/log.h"
#include "base/text.h"

namespace berth {

using std::chrono::steady_clock;

StepClock::StepClock() {
  if (log::Enabled(log::Level::kDebug)) begun_ = steady_clock::now();
}

void StepClock::Tell(std::string_view procedure, std::string_view step) {
  if (!begun_) return;
  const auto took = steady_clock::now() - *begun_;
  log::Debug("{}.{} took {} us", procedure, step,
             std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  begun_ = steady_clock::now();
}

#ifdef BERTH_FAULT_POINTS
namespace {

bool Names(const char* variable, std::string_view procedure, std::string_view step) {
  const char* value = ::getenv(variable);
  if (value == nullptr) return false;
  const std::string_view point = value;
  return point.size() == procedure.size() + 1 + step.size() && point.starts_with(procedure) &&
         point[procedure.size()] == '.' && point.ends_with(step);
}

/// The N of `stream.N`.
std::optional<size_t> DeathAfter(std::string_view stream) {
  const char* value = ::getenv("BERTH_KILL_AT");
  if (value == nullptr) return std::nullopt;
  const std::string_view point = value;
  if (!point.starts_with(stream) || point.substr(stream.size(), 1) != ".") return std::nullopt;
  return ParseInteger<size_t>(point.substr(stream.size() + 1));
}

}  // namespace

std::optional<size_t> DeathWithin(std::string_view stream, size_t coming) {
  static std::atomic<size_t> done = 0;  // there is one stream
  const auto last = DeathAfter(stream);
  if (!last) return std::nullopt;
  const size_t before = done.fetch_add(coming);
  if (*last < before || *last - before > coming) return std::nullopt;
  return *last - before;
}

Result<void> FaultPoint(std::string_view procedure, std::string_view step) {
  if (Names("BERTH_KILL_AT", procedure, step)) Die();
  if (Names("BERTH_FAIL_AT", procedure, step)) {
    return MakeError("stopped after {}.{} as BERTH_FAIL_AT asks", procedure, step);
  }
  return {};
}
#else
Result<void> FaultPoint(std::string_view, std::string_view) { return {}; }
std::optional<size_t> DeathWithin(std::string_view, size_t) { return std::nullopt; }
#endif

void Die() {
  ::raise(SIGKILL);
  ::_exit(128 + SIGKILL);  // the first process of a pid namespace can't kill itself
}

}  // namespace berth
