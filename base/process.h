// Starting other programs.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/pidfd.h"
#include "base/result.h"

namespace berth {

/// A program to start. Descriptors are borrowed; -1 leads to /dev/null. All others are closed in
/// the child but those in `keep`, which keep their numbers.
struct Command {
  std::vector<std::string> argv;  // argv[0] is the path, unless `path` is given
  std::string path = {};
  int program_fd = -1;  // executed in place of that path, if given (execveat(2))
  std::optional<std::vector<std::string>> env = {};  // NAME=value; absent: the caller's
  int in = -1;
  int out = -1;
  int err = -1;
  std::vector<int> keep;
  bool new_session = false;  // setsid(2): survives the terminal and the caller's process group
  int cgroup_fd = -1;        // the cgroup directory it is born in (CLONE_INTO_CGROUP)
};

/// Starts it and returns at once. Fails if the program can't be executed.
Result<Pidfd> Spawn(const Command& command);

struct CommandOutput {
  ExitStatus status;
  std::string out;
};
/// Starts it, collects its standard output, waits for its end.
Result<CommandOutput> RunCommand(Command command);

}  // namespace berth
