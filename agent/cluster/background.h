// Background: a program of ours that goes on after the command that started it.
#pragma once

#include <string>
#include <vector>

#include "base/pidfd.h"
#include "base/result.h"

namespace berth::agent::cluster {

struct Background {
  std::string name;      // berthd, berth-scheduler: beside the running program
  std::string pid_file;  // "PID STARTTIME"
  std::string log;       // what it writes
};

/// The process that the pid file names, if it still runs.
std::optional<Pidfd> FindRunning(const Background& program);

/// Starts it in a session of its own and writes its pid file. `environment` is added to the
/// caller's, of which AWS_* is left out.
Result<void> StartInBackground(const Background& program, const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment);

/// SIGTERM, and waits for its end (10 s). One that does not run is no error.
Result<void> End(const Background& program);

/// The last lines of its log, for when it did not come up.
std::string LastWords(const Background& program);

}  // namespace berth::agent::cluster
