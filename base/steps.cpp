#include "base/steps.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace berth {

#ifdef BERTH_FAULT_POINTS
namespace {

bool Names(const char* variable, std::string_view procedure, std::string_view step) {
  const char* value = ::getenv(variable);
  if (value == nullptr) return false;
  const std::string_view point = value;
  return point.size() == procedure.size() + 1 + step.size() && point.starts_with(procedure) &&
         point[procedure.size()] == '.' && point.ends_with(step);
}

}  // namespace

Result<void> FaultPoint(std::string_view procedure, std::string_view step) {
  if (Names("BERTH_KILL_AT", procedure, step)) {
    ::raise(SIGKILL);
    ::_exit(128 + SIGKILL);  // the first process of a pid namespace can't kill itself
  }
  if (Names("BERTH_FAIL_AT", procedure, step)) {
    return MakeError("stopped after {}.{} as BERTH_FAIL_AT asks", procedure, step);
  }
  return {};
}
#else
Result<void> FaultPoint(std::string_view, std::string_view) { return {}; }
#endif

}  // namespace berth
