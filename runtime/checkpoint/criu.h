// CRIU at work: the program, started to serve one client over a socket (`criu swrk`), the
// notifications it sends meanwhile, and what it has to say when it fails.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/pidfd.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/checkpoint/criu_messages.h"

namespace berth::runtime {

/// CRIU is about to do something, or has done it: "network-lock", "post-restore".
struct CriuNotification {
  std::string script;
  pid_t pid = 0;              // the container's first process, as the caller sees it
  std::vector<UniqueFd> fds;  // "orphan-pts-master": the master side of a terminal
};

/// Called for each notification. A failure ends what CRIU is doing.
using CriuNotified = std::function<Result<void>(const CriuNotification&)>;

/// What the program gets. Descriptors are borrowed.
struct CriuProgram {
  int in = -1;
  int out = -1;
  std::vector<int> keep;  // keep their numbers
  int cgroup_fd = -1;     // born there
};

/// One request.
struct CriuTask {
  CriuRequestType type;
  CriuOptions options;
  std::string log;  // where the log will be, for messages
  CriuNotified notified;
};

class Criu {
 public:
  /// Fails, with the name of the package, if there is no `criu` in PATH.
  static Result<Criu> Start(const CriuProgram& program);
  Criu(Criu&&) = default;
  Criu& operator=(Criu&&) = delete;
  /// Ends the program if it is still there.
  ~Criu();

  pid_t pid() const { return process_.pid(); }

  /// Has the task done and answers what CRIU said of it; the program has ended then. A failure has
  /// CRIU's own words, from its log or its standard error, and the log's path; or is that of
  /// `notified`.
  Result<CriuResponse> Do(const CriuTask& task);

 private:
  Criu(Pidfd process, UniqueFd socket, UniqueFd words)
      : process_(std::move(process)), socket_(std::move(socket)), words_(std::move(words)) {}
  Result<CriuResponse> Converse(const CriuTask& task);
  Result<void> Notify(const CriuTask& task, const CriuNotification& notification);
  Error Failure(const CriuTask& task, const std::string& what) const;

  Pidfd process_;
  UniqueFd socket_;
  UniqueFd words_;  // its standard error, a file in memory
};

/// The lines of CRIU's log that tell of errors, without time stamps, joined by "; "; of many the
/// first ones, which name the cause. Empty if there are none.
std::string ErrorsInCriuLog(std::string_view log);

}  // namespace berth::runtime
