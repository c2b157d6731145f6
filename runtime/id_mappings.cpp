#include "runtime/id_mappings.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cleanup.h"
#include "base/clone.h"
#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/namespaces.h"

namespace berth::runtime {
namespace {

std::string Lines(const std::vector<IdMapping>& mappings) {
  std::string lines;
  for (const IdMapping& mapping : mappings) {
    lines += fmt::format("{} {} {}\n", mapping.containerID, mapping.hostID, mapping.size);
  }
  return lines;
}

bool MapsRoot(const std::vector<IdMapping>& mappings) {
  return std::any_of(mappings.begin(), mappings.end(), [](const IdMapping& mapping) {
    return mapping.containerID == 0 && mapping.size > 0;
  });
}

// user_namespaces(7): three numbers a line, padded with spaces.
Result<std::vector<IdMapping>> ReadMap(const std::string& path) {
  std::vector<IdMapping> mappings;
  for (const std::string& line : Split(TRY(ReadFile(path)), '\n')) {
    std::array<uint32_t, 3> numbers;
    size_t count = 0;
    for (const std::string& word : Split(line, ' ')) {
      if (word.empty() || count == numbers.size()) continue;
      numbers[count++] = ParseInteger<uint32_t>(word).value_or(0);
    }
    if (count < numbers.size()) continue;
    mappings.push_back({.containerID = numbers[0], .hostID = numbers[1], .size = numbers[2]});
  }
  return mappings;
}

}  // namespace

Result<void> CheckIdMappings(const Linux& config) {
  if (HasNew(config, "user")) {
    if (!MapsRoot(config.uidMappings)) return MakeError("linux.uidMappings: must map id 0");
    if (!MapsRoot(config.gidMappings)) return MakeError("linux.gidMappings: must map id 0");
  } else if (FindNamespace(config, "user") != nullptr) {
    return {};  // CheckJoinedIdMaps's
  } else if (!config.uidMappings.empty() || !config.gidMappings.empty()) {
    return MakeError("linux.uidMappings: no user namespace to map into");
  }
  return {};
}

Result<IdMaps> IdMapsOfProcess(pid_t pid) {
  IdMaps maps;
  maps.uids = TRY(ReadMap(fmt::format("/proc/{}/uid_map", pid)));
  maps.gids = TRY(ReadMap(fmt::format("/proc/{}/gid_map", pid)));
  return maps;
}

Result<IdMaps> IdMapsOfNamespace(int userns) {
  // The kernel tells them of processes alone: one goes there, and stays until we have read.
  auto [here, there] = TRY(sys::SocketPair(SOCK_STREAM));
  const pid_t visitor = TRY(sys::Clone({}));
  if (visitor == 0) {
    here.Reset();
    const auto joined = sys::Setns(userns, CLONE_NEWUSER);
    const int32_t code = joined ? 0 : joined.error().code();
    char ended;
    if (::write(there.get(), &code, sizeof code) < 0) ::_exit(1);
    while (::read(there.get(), &ended, 1) < 0 && errno == EINTR) {
    }
    ::_exit(0);
  }
  there.Reset();
  const Cleanup end([&here = here, visitor] {
    here.Reset();
    while (::waitpid(visitor, nullptr, 0) < 0 && errno == EINTR) {
    }
  });
  int32_t code = ECHILD;
  if (::read(here.get(), &code, sizeof code) < 0 || code != 0) {
    errno = code;
    return ErrnoError("join user namespace");
  }
  return IdMapsOfProcess(visitor);
}

Result<void> CheckJoinedIdMaps(const Linux& config, const IdMaps& joined) {
  const auto check = [](const char* field, const auto& wanted, const auto& actual) -> Result<void> {
    if (wanted.empty() || wanted == actual) return {};
    return MakeError("linux.{}: are not those of the user namespace to join: leave them out",
                     field);
  };
  TRY(check("uidMappings", config.uidMappings, joined.uids));
  return check("gidMappings", config.gidMappings, joined.gids);
}

Result<uint32_t> HostUid(const std::vector<IdMapping>& mappings, uint32_t uid) {
  for (const IdMapping& mapping : mappings) {
    if (uid < mapping.containerID || uid - mapping.containerID >= mapping.size) continue;
    return mapping.hostID + (uid - mapping.containerID);
  }
  return MakeError("{} has no id outside of the container's user namespace", uid);
}

namespace {

bool MapsOnly(const std::vector<IdMapping>& mappings, uint32_t id) {
  return mappings.size() == 1 && mappings[0].hostID == id && mappings[0].size == 1;
}

std::string FindProgram(const std::string& name) {
  const char* path = ::getenv("PATH");
  for (const std::string& directory : Split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    std::string program = directory + "/" + name;
    if (directory.starts_with('/') && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

Result<void> MapByProgram(const std::string& name, pid_t child,
                          const std::vector<IdMapping>& mappings) {
  const std::string program = FindProgram(name);
  if (program.empty()) {
    return MakeError(
        "{} is needed to map other ids than the caller's, and not installed: it is in "
        "the package uidmap",
        name);
  }
  std::vector<std::string> argv = {program, std::to_string(child)};
  for (const IdMapping& mapping : mappings) {
    for (const uint32_t number : {mapping.containerID, mapping.hostID, mapping.size}) {
      argv.push_back(std::to_string(number));
    }
  }
  const auto run = TRY(RunCommand({.argv = std::move(argv), .err = STDERR_FILENO}));
  if (run.status.code == 0) return {};
  return MakeError("{} refuses the mapping: /etc/{} has to grant the caller these ids", name,
                   name == "newuidmap" ? "subuid" : "subgid");
}

// The kernel's own word on whether the caller may comes first.
Result<void> WriteMap(pid_t child, const char* file, const char* program,
                      const std::vector<IdMapping>& mappings) {
  auto written =
      WriteControlFile(AT_FDCWD, fmt::format("/proc/{}/{}", child, file), Lines(mappings));
  if (written || !written.error().Is(EPERM)) return written;
  return MapByProgram(program, child, mappings);
}

}  // namespace

Result<void> WriteIdMappings(pid_t child, const Linux& config) {
  TRY(WriteMap(child, "uid_map", "newuidmap", config.uidMappings).Context("linux.uidMappings"));
  // Without rights a group can be mapped by those alone who can't drop one by it any more.
  if (::geteuid() != 0 && MapsOnly(config.gidMappings, ::getegid())) {
    TRY(WriteControlFile(AT_FDCWD, fmt::format("/proc/{}/setgroups", child), "deny"));
  }
  return WriteMap(child, "gid_map", "newgidmap", config.gidMappings).Context("linux.gidMappings");
}

Result<void> SetOomScoreAdj(pid_t child, int score) {
  const std::string process = child == 0 ? "self" : std::to_string(child);
  auto written = WriteControlFile(AT_FDCWD, fmt::format("/proc/{}/oom_score_adj", process),
                                  std::to_string(score));
  if (!written && written.error().Is(EACCES)) {
    return Error(fmt::format("oomScoreAdj {} is below the present one: lowering it needs "
                             "CAP_SYS_RESOURCE",
                             score),
                 EACCES);
  }
  return written;
}

}  // namespace berth::runtime
