#include "bench/program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::bench {

Result<Program> Program::Start(std::vector<std::string> argv, const std::string& log) {
  const UniqueFd output = TRY(sys::Open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  return Program(TRY(Spawn({.argv = std::move(argv), .out = output.get(), .err = output.get()})));
}

Program::~Program() {
  if (!process_) return;
  if (process_.Signal(SIGTERM)) (void)process_.Reap();
}

bool Program::Ended() const {
  return process_.WaitForEnd(std::chrono::milliseconds(0)).ValueOr(true);
}

Result<Usage> Program::Used() const {
  // proc(5): fields 14 and 15 of stat, behind a name in brackets that may hold anything.
  const std::string stat = TRY(ReadFile(fmt::format("/proc/{}/stat", process_.pid())));
  const auto fields = Split(std::string_view(stat).substr(stat.rfind(')') + 2), ' ');
  const auto ticks = ParseInteger<int64_t>(fields.at(11)).value_or(0) +
                     ParseInteger<int64_t>(fields.at(12)).value_or(0);
  Usage usage = {.processor =
                     static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK))};
  const std::string status = TRY(ReadFile(fmt::format("/proc/{}/status", process_.pid())));
  for (const std::string& line : Split(status, '\n')) {
    if (!line.starts_with("RssAnon:")) continue;
    const std::string_view size = Trim(std::string_view(line).substr(8));
    usage.resident = ParseInteger<int>(size.substr(0, size.find(' '))).value_or(0);
  }
  return usage;
}

}  // namespace berth::bench
