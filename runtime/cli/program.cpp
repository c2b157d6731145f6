// Here are the options that all commands share and the table of commands; each is a file of its
// own.
#include "runtime/cli/program.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/log.h"
#include "base/sys.h"
#include "runtime/cli/command.h"
#include "runtime/cli/log_file.h"
#include "runtime/process/read_only_self.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kGlobalOptions[] = {
    {"root", 0, "DIR", "Where containers are written down (default: /run/berth-runtime)"},
    {"log", 0, "FILE", "File to write messages to as well; or journald:NAME, syslog:NAME"},
    {"log-format", 0, "FORMAT", "text (default) or json"},
    {"log-level", 0, "LEVEL", "debug, info, warning (default) or error"},
    {"debug", 0, nullptr, "The same as --log-level debug"},
    {"systemd-cgroup", 's', nullptr, "The same as --cgroup-manager systemd"},
    {"cgroup-manager", 0, "NAME", "cgroupfs (default), systemd or disabled"},
    {"strict-limits", 0, nullptr, "Refuse limits that this host can't enforce"},
    {"rootless", 0, "MODE", "Accepted for runc's sake: what the caller may is found out"},
    {"criu", 0, "PATH", "Accepted for runc's sake"},
    {"version", 'v', nullptr, "Print the version (also -V)"},
    {"help", 'h', nullptr, "Print this (also --usage, -?)"},
};

// Of every command.
constexpr Option kHelp = {"help", 'h', nullptr, "Print this (also --usage, -?)"};

constexpr std::array<const Command*, 18> kCommands = {
    &kCreate, &kStart,  &kRun,    &kExec,   &kState,  &kList,       &kPs,      &kKill, &kDelete,
    &kPause,  &kResume, &kUpdate, &kMounts, &kEvents, &kCheckpoint, &kRestore, &kSpec, &kFeatures};

std::string Help() {
  std::string text =
      "berth-runtime: an OCI runtime\n\nUsage: berth-runtime [OPTION...] COMMAND [WORD...]\n\n"
      "Commands:\n";
  for (const Command* command : kCommands) {
    text += fmt::format("  {:<12} {}\n", command->name, command->help);
  }
  return text + "\nOptions:\n" + DescribeOptions(kGlobalOptions);
}

std::string HelpOf(const Command& command, std::span<const Option> options) {
  return fmt::format("{}\n\nUsage: berth-runtime {} [OPTION...] {}\n\n{}", command.help,
                     command.name, command.words, DescribeOptions(options));
}

std::string Version() {
  return fmt::format("berth-runtime version {}\nspec: {}\n", BERTH_VERSION, kOciVersion);
}

std::string DefaultRoot() {
  const char* runtime_dir = ::getenv("XDG_RUNTIME_DIR");
  const bool users = cgroups::InstanceOfCaller() == cgroups::SystemdInstance::kUser;
  if (!users || runtime_dir == nullptr) return "/run/berth-runtime";
  return fmt::format("{}/berth-runtime", runtime_dir);
}

Result<CgroupManager> ManagerOf(const Arguments& arguments) {
  if (arguments.Has("systemd-cgroup")) return CgroupManager::kSystemd;
  const std::string name = arguments.Value("cgroup-manager", "cgroupfs");
  if (name == "cgroupfs") return CgroupManager::kCgroupfs;
  if (name == "systemd") return CgroupManager::kSystemd;
  if (name == "disabled") return CgroupManager::kDisabled;
  return MakeError("--cgroup-manager {}: must be cgroupfs, systemd or disabled", name);
}

Result<Globals> ReadGlobals(const Arguments& arguments, const SystemdCalls* systemd) {
  TRY(LogTo({.file = arguments.Value("log"),
             .format = arguments.Value("log-format", "text"),
             .level = arguments.Has("debug") ? "debug" : arguments.Value("log-level", "warning")}));
  const CgroupManager manager = TRY(ManagerOf(arguments));
  return Globals{.systemd = systemd,
                 .root = arguments.Value("root", DefaultRoot()),
                 .cgroup_manager = manager,
                 .strict_limits = arguments.Has("strict-limits")};
}

const Command* FindCommand(const std::string& name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const Command* command) { return command->name == name; });
  return found == kCommands.end() ? nullptr : *found;
}

Result<void> CheckWords(const Command& command, size_t count) {
  if (count >= command.least_words && count <= command.most_words) return {};
  return MakeError("{} words are given; usage: berth-runtime {} [OPTION...] {}", count,
                   command.name, command.words);
}

// The words by which crun is asked for its help and version.
void Translate(std::vector<char*>& words) {
  static char help[] = "--help";
  static char version[] = "--version";
  if (words.empty()) return;
  const std::string_view first = words[0];
  if (first == "--usage" || first == "-?") words[0] = help;
  if (first == "-V") words[0] = version;
}

// The words behind the command.
Result<int> RunCommand(const Command& command, const Globals& globals, std::vector<char*> words) {
  Translate(words);
  std::vector<Option> options(command.options.begin(), command.options.end());
  options.push_back(kHelp);
  const Arguments arguments = TRY(ParseArguments(options, command.order, std::move(words)));
  if (arguments.Has("help")) {
    TRY(sys::WriteAll(STDOUT_FILENO, HelpOf(command, options)));
    return 0;
  }
  TRY(CheckWords(command, arguments.words().size()));
  return command.run(globals, arguments);
}

// Only what makes or changes a scope has to talk to systemd.
bool NeedsSystemd(const Globals& globals, const Command& command) {
  return globals.cgroup_manager == CgroupManager::kSystemd && globals.systemd == nullptr &&
         (&command == &kCreate || &command == &kRun || &command == &kUpdate ||
          &command == &kRestore);
}

Result<void> BecomeSystemdProgram(char** argv) {
  std::array<char, PATH_MAX> self = {};
  if (::readlink("/proc/self/exe", self.data(), self.size() - 1) < 0) {
    return ErrnoError("readlink /proc/self/exe");
  }
  const std::string path = std::string(self.data()) + "-systemd";
  ::execv(path.c_str(), argv);
  return ErrnoError("the systemd cgroup manager needs {}", path);
}

// "exec /bin/nope: No such file or directory" says what was to be done by itself.
Error Named(Error error, const std::string& command) {
  if (error.message().starts_with(command + " ")) return error;
  return std::move(error).WithContext(command);
}

// `argv` ends with null.
Result<int> Main(char** argv, const SystemdCalls* systemd) {
  std::vector<char*> words;
  for (char** word = argv + 1; *word != nullptr; ++word) words.push_back(*word);
  Translate(words);
  const Arguments arguments = TRY(ParseArguments(kGlobalOptions, Order::kOptionsFirst, words));
  if (arguments.Has("version") || arguments.Has("help")) {
    TRY(sys::WriteAll(STDOUT_FILENO, arguments.Has("help") ? Help() : Version()));
    return 0;
  }
  const Globals globals = TRY(ReadGlobals(arguments, systemd));
  if (arguments.words().empty()) return MakeError("no command is given; see berth-runtime --help");
  const std::string& name = arguments.words()[0];
  const Command* command = FindCommand(name);
  if (command == nullptr) return MakeError("unknown command {}; see berth-runtime --help", name);
  if (NeedsSystemd(globals, *command)) TRY(BecomeSystemdProgram(argv));
  // A container's program could write to the file of this one through /proc/PID/exe.
  if (command == &kCreate || command == &kRun || command == &kExec || command == &kMounts) {
    TRY(RunFromReadOnlyMount(argv, environ));
  }
  words.erase(words.begin(), words.end() - static_cast<ptrdiff_t>(arguments.words().size()) + 1);
  auto status = RunCommand(*command, globals, std::move(words));
  if (status) return *status;
  Error error = Named(std::move(status).error(), name);
  // What exec answers for its own failures must not look like a program's status.
  if (command != &kExec) return error;
  log::Error("{}", error.message());
  return 255;
}

}  // namespace

int RunProgram(char** argv, const SystemdCalls* systemd) {
  auto status = Main(argv, systemd);
  if (status) return *status;
  log::Error("{}", status.error().message());
  return 1;
}

}  // namespace berth::runtime::cli
