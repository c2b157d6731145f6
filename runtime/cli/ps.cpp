// ps: the processes of a container.
#include <unistd.h>

#include <algorithm>

#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/cli/container_cgroup.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kPsOptions[] = {
    {"format", 'f', "FORMAT", "table (default) or json"},
};

Result<std::vector<pid_t>> ProcessesOf(const Container& container) {
  const auto cgroup = TRY(OpenCgroup(container.record.cgroup));
  if (cgroup) return cgroup->Processes();
  std::vector<pid_t> processes;
  if (container.state.pid > 0) processes.push_back(container.state.pid);
  return processes;
}

std::string ProcessesAsJson(const std::vector<pid_t>& processes) {
  std::vector<std::string> numbers;
  for (const pid_t pid : processes) numbers.push_back(std::to_string(pid));
  return "[" + Join(numbers, ",") + "]\n";
}

// The lines of ps(1) about these processes, by its column PID.
Result<std::string> ProcessesAsTable(const std::vector<pid_t>& processes,
                                     std::vector<std::string> options) {
  if (options.empty()) options = {"-ef"};
  berth::Command ps = {.argv = {"ps"}, .path = "/usr/bin/ps", .err = STDERR_FILENO};
  ps.argv.insert(ps.argv.end(), options.begin(), options.end());
  const CommandOutput output = TRY(RunCommand(std::move(ps)));
  const auto lines = Split(output.out, '\n');
  const auto fields_of = [](std::string_view line) {
    auto fields = Split(line, ' ');
    fields.erase(std::remove(fields.begin(), fields.end(), ""), fields.end());
    return fields;
  };
  const auto titles = fields_of(lines[0]);
  const auto column = std::find(titles.begin(), titles.end(), "PID") - titles.begin();
  if (column == std::ssize(titles)) return MakeError("ps {}: shows no PID", Join(options, " "));
  std::string table = lines[0] + "\n";
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto fields = fields_of(lines[i]);
    if (std::ssize(fields) <= column) continue;
    const auto pid = ParseInteger<pid_t>(fields[static_cast<size_t>(column)]);
    if (pid && std::find(processes.begin(), processes.end(), *pid) != processes.end()) {
      table += lines[i] + "\n";
    }
  }
  return table;
}

Result<int> RunPs(const Globals& globals, const Arguments& arguments) {
  const auto& words = arguments.words();
  const auto processes = TRY(ProcessesOf(TRY(FindContainer(globals, words[0]))));
  const std::string format = arguments.Value("format", "table");
  if (format != "table" && format != "json") {
    return MakeError("--format {}: must be table or json", format);
  }
  const std::string text =
      format == "json" ? ProcessesAsJson(processes)
                       : TRY(ProcessesAsTable(
                             processes, std::vector<std::string>(words.begin() + 1, words.end())));
  TRY(sys::WriteAll(STDOUT_FILENO, text));
  return 0;
}

}  // namespace

const Command kPs = {.name = "ps",
                     .words = "CONTAINER-ID [PS-OPTION...]",
                     .help = "List the processes of a container",
                     .options = kPsOptions,
                     .order = Order::kOptionsFirst,
                     .least_words = 1,
                     .most_words = kAnyNumber,
                     .run = RunPs};

}  // namespace berth::runtime::cli
