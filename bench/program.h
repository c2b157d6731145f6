// Program: one that is measured while it runs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/pidfd.h"
#include "base/result.h"

namespace berth::bench {

/// What a process has used so far.
struct Usage {
  double processor = 0;  // s, user and system
  double resident = 0;   // KiB of its own: without the pages of files, which are shared
};

/// Ended by SIGTERM when it is let go of.
class Program {
 public:
  /// Standard error goes to the file `log`.
  static Result<Program> Start(std::vector<std::string> argv, const std::string& log);
  Program(Program&&) = default;
  Program& operator=(Program&&) = delete;
  ~Program();

  Result<Usage> Used() const;
  bool Ended() const;

 private:
  explicit Program(Pidfd process) : process_(std::move(process)) {}
  Pidfd process_;
};

}  // namespace berth::bench
