// What a process sees of itself and of its surroundings, as one JSON object.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/helper/commands.h"

namespace berth::helper {
namespace {

// The arguments after "show", for the section `args`.
Result<std::string> Args(Arguments arguments) {
  std::vector<std::string> items;
  for (const std::string& argument : arguments) items.push_back(QuoteJson(argument));
  return "[" + Join(items, ",") + "]";
}

Result<std::string> Env(Arguments) {
  std::vector<std::string> items;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    const std::string_view value = equals == text.npos ? "" : text.substr(equals + 1);
    items.push_back(QuoteJson(text.substr(0, equals)) + ":" + QuoteJson(value));
  }
  return "{" + Join(items, ",") + "}";
}

Result<std::string> Id(Arguments) {
  std::array<gid_t, 128> groups;
  const int count = ::getgroups(groups.size(), groups.data());
  if (count < 0) return ErrnoError("getgroups");
  std::vector<std::string> all;
  for (const gid_t group : std::span(groups).first(static_cast<size_t>(count))) {
    all.push_back(fmt::format("{}", group));
  }
  const mode_t mask = ::umask(0);
  return fmt::format(R"({{"uid":{},"gid":{},"groups":[{}],"pid":{},"ppid":{},"umask":"{:04o}"}})",
                     ::getuid(), ::getgid(), Join(all, ","), ::getpid(), ::getppid(), mask);
}

Result<std::string> Cwd(Arguments) {
  std::array<char, 4096> path;
  // The system call: libc's wrapper hides that a directory is not reachable.
  if (::syscall(SYS_getcwd, path.data(), path.size()) < 0) return ErrnoError("getcwd");
  return QuoteJson(path.data());
}

// The lines of /proc/self/status that tell of privilege: CapEff, NoNewPrivs, Seccomp, ...
Result<std::string> Caps(Arguments) {
  std::vector<std::string> items;
  for (const std::string& line : Split(TRY(ReadFile("/proc/self/status")), '\n')) {
    const size_t colon = line.find(':');
    const std::string_view name = std::string_view(line).substr(0, colon);
    if (!name.starts_with("Cap") && name != "NoNewPrivs" && name != "Seccomp") continue;
    items.push_back(QuoteJson(name) + ":" +
                    QuoteJson(Trim(std::string_view(line).substr(colon + 1))));
  }
  return "{" + Join(items, ",") + "}";
}

Result<std::string> Limits(Arguments) {
  using Named = std::pair<const char*, __rlimit_resource>;
  constexpr std::array kLimits = {
      Named("core", RLIMIT_CORE),         Named("cpu", RLIMIT_CPU),
      Named("data", RLIMIT_DATA),         Named("fsize", RLIMIT_FSIZE),
      Named("locks", RLIMIT_LOCKS),       Named("memlock", RLIMIT_MEMLOCK),
      Named("msgqueue", RLIMIT_MSGQUEUE), Named("nice", RLIMIT_NICE),
      Named("nofile", RLIMIT_NOFILE),     Named("nproc", RLIMIT_NPROC),
      Named("rss", RLIMIT_RSS),           Named("rtprio", RLIMIT_RTPRIO),
      Named("rttime", RLIMIT_RTTIME),     Named("sigpending", RLIMIT_SIGPENDING),
      Named("stack", RLIMIT_STACK)};
  std::vector<std::string> items;
  for (const auto& [name, resource] : kLimits) {
    rlimit limit;
    if (::getrlimit(resource, &limit) < 0) return ErrnoError("getrlimit {}", name);
    const auto text = [](rlim_t value) {
      return value == RLIM_INFINITY ? "-1" : fmt::format("{}", value);
    };
    items.push_back(
        fmt::format(R"("{}":[{},{}])", name, text(limit.rlim_cur), text(limit.rlim_max)));
  }
  return "{" + Join(items, ",") + "}";
}

// {place: {"type", "options", "super"}}; the topmost mount where there are several.
Result<std::string> Mounts(Arguments) {
  std::vector<std::string> items;
  for (const std::string& line : Split(TRY(ReadFile("/proc/self/mountinfo")), '\n')) {
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto before = Split(std::string_view(line).substr(0, dash), ' ');
    const auto after = Split(std::string_view(line).substr(dash + 3), ' ');
    if (before.size() < 6 || after.size() < 3) return MakeError("mountinfo: {}", line);
    items.push_back(fmt::format(R"({}:{{"type":{},"options":{},"super":{}}})", QuoteJson(before[4]),
                                QuoteJson(after[0]), QuoteJson(before[5]), QuoteJson(after[2])));
  }
  return "{" + Join(items, ",") + "}";
}

// {number: what it leads to}, without the one that the listing itself uses.
Result<std::string> Fds(Arguments) {
  std::vector<std::string> items;
  for (const std::string& name : TRY(ListDirectory("/proc/self/fd"))) {
    std::array<char, 4096> target;
    const std::string link = "/proc/self/fd/" + name;
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    if (size < 0) continue;
    const std::string_view text(target.data(), static_cast<size_t>(size));
    items.push_back(QuoteJson(name) + ":" + QuoteJson(text));
  }
  return "{" + Join(items, ",") + "}";
}

// {kind: "kind:[inode]"}
Result<std::string> Namespaces(Arguments) {
  std::vector<std::string> items;
  for (const std::string& name : TRY(ListDirectory("/proc/self/ns"))) {
    std::array<char, 64> target;
    const std::string link = "/proc/self/ns/" + name;
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    if (size < 0) return ErrnoError("readlink {}", link);
    items.push_back(QuoteJson(name) + ":" + QuoteJson({target.data(), static_cast<size_t>(size)}));
  }
  return "{" + Join(items, ",") + "}";
}

Result<std::string> Uts(Arguments) {
  utsname names;
  if (::uname(&names) < 0) return ErrnoError("uname");
  return fmt::format(R"({{"hostname":{},"domainname":{}}})", QuoteJson(names.nodename),
                     QuoteJson(names.domainname));
}

struct Section {
  const char* name;
  Result<std::string> (*read)(Arguments);
};
constexpr std::array kSections = {
    Section{"args", Args},     Section{"env", Env},   Section{"id", Id},
    Section{"cwd", Cwd},       Section{"caps", Caps}, Section{"limits", Limits},
    Section{"mounts", Mounts}, Section{"fds", Fds},   Section{"namespaces", Namespaces},
    Section{"uts", Uts},
};

Result<int> Show(Arguments arguments) {
  std::vector<std::string> items;
  for (const Section& section : kSections) {
    items.push_back(fmt::format(R"("{}":{})", section.name,
                                TRY(section.read(arguments).Context("{}", section.name))));
  }
  fmt::print("{{{}}}\n", Join(items, ",\n"));
  return 0;
}

// Fails if a descriptor other than 0, 1 and 2 came from whoever started this.
Result<int> CheckFds(Arguments) {
  int strange = 0;
  for (int fd = 3; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) continue;
    fmt::print(stderr, "descriptor {} is open\n", fd);
    ++strange;
  }
  return strange == 0 ? 0 : 1;
}

constexpr std::array kCommands = {
    Command{"show", "[ARG...]            everything it sees of itself, as JSON", 0, Show},
    Command{"check-fds", "               fails if more than 0, 1, 2 is open", 0, CheckFds},
};

}  // namespace

std::span<const Command> ShowCommands() { return kCommands; }

}  // namespace berth::helper
