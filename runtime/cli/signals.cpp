#include "runtime/cli/signals.h"

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <string>

#include "base/text.h"

namespace berth::runtime::cli {
namespace {

// After RTMIN or RTMAX: nothing, or a distance.
int RealTime(std::string_view distance, int from) {
  if (distance.empty()) return from;
  if (distance[0] == '+') distance.remove_prefix(1);
  const int number = from + ParseInteger<int>(distance).value_or(-NSIG);
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : -1;
}

int ByName(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (name.starts_with("RTMIN")) return RealTime(std::string_view(name).substr(5), SIGRTMIN);
  if (name.starts_with("RTMAX")) return RealTime(std::string_view(name).substr(5), SIGRTMAX);
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    const char* known = ::sigabbrev_np(signal);
    if (known != nullptr && name == known) return signal;
  }
  return name == "IOT" ? SIGABRT : name == "CLD" ? SIGCHLD : name == "UNUSED" ? SIGSYS : -1;
}

}  // namespace

Result<int> ParseSignal(std::string_view text) {
  if (const auto number = ParseInteger<int>(text)) {
    if (*number >= 0 && *number < NSIG) return *number;
  } else if (const int signal = ByName(std::string(text)); signal > 0) {
    return signal;
  }
  return MakeError("\"{}\" is no signal: give a name such as TERM, or a number below {}", text,
                   NSIG);
}

}  // namespace berth::runtime::cli
