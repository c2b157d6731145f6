#include "agent/cluster/background.h"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>

#include "agent/task/start_shim.h"
#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

extern char** environ;

namespace berth::agent::cluster {
namespace {

// Without the caller's AWS settings: they are those of who uses the cluster, not of the programs.
std::vector<std::string> EnvironmentWith(const std::vector<std::string>& more) {
  std::vector<std::string> environment = more;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text = *each;
    if (text.starts_with("AWS_")) continue;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    const bool replaced = std::any_of(
        more.begin(), more.end(), [&](const std::string& own) { return own.starts_with(name); });
    if (!replaced) environment.emplace_back(text);
  }
  return environment;
}

}  // namespace

std::optional<Pidfd> FindRunning(const Background& program) {
  const auto text = ReadFile(program.pid_file);
  if (!text) return std::nullopt;
  const std::vector<std::string> words = Split(Trim(*text), ' ');
  const auto pid = ParseInteger<pid_t>(words.front());
  const auto started = words.size() == 2 ? ParseInteger<uint64_t>(words[1]) : std::nullopt;
  if (!pid || !started) return std::nullopt;
  auto process = Pidfd::Open(*pid);
  // Its number may be another's by now.
  if (!process || ProcessStartTime(*pid).ValueOr(0) != *started) return std::nullopt;
  if (process->WaitForEnd(std::chrono::milliseconds(0)).ValueOr(true)) return std::nullopt;
  return std::move(*process);
}

Result<void> StartInBackground(const Background& program, const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment) {
  const UniqueFd log = TRY(sys::Open(program.log, O_WRONLY | O_CREAT | O_APPEND, 0640));
  Command command = {.argv = {TRY(OwnProgram(program.name))},
                     .env = EnvironmentWith(environment),
                     .out = log.get(),
                     .err = log.get(),
                     .new_session = true};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  const Pidfd process = TRY(Spawn(command));
  return WriteFileAtomically(program.pid_file, fmt::format("{} {}\n", process.pid(),
                                                           TRY(ProcessStartTime(process.pid()))));
}

Result<void> End(const Background& program) {
  const auto process = FindRunning(program);
  if (process) {
    TRY(process->Signal(SIGTERM));
    if (!TRY(process->WaitForEnd(std::chrono::seconds(10)))) {
      return MakeError("{} (pid {}) does not end", program.name, process->pid());
    }
  }
  return sys::Unlink(program.pid_file);
}

std::string LastWords(const Background& program) {
  constexpr size_t kLines = 5;
  std::vector<std::string> lines = Split(ReadFile(program.log).ValueOr(""), '\n');
  std::erase(lines, "");
  if (lines.size() > kLines) lines.erase(lines.begin(), lines.end() - kLines);
  return Join(lines, "\n");
}

}  // namespace berth::agent::cluster
