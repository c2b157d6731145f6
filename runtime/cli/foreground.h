// A program that is run in the foreground: signals reach it, its terminal is the caller's, and its
// end is told.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/pidfd.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime::cli {

/// What else is to be done meanwhile, whenever the descriptor is readable.
struct Chore {
  int fd = -1;
  std::function<void()> act = {};
};

/// To be made before the program is: a signal that comes meanwhile is passed on later.
class Foreground {
 public:
  /// Takes over the signals that can be passed on.
  static Result<Foreground> Prepare();
  Foreground(Foreground&&) = default;
  ~Foreground();

  /// Where the master side of the program's terminal is to be handed over: for one that gets one.
  Result<int> MakeConsole();

  /// Once the process is there: takes its terminal, if it was handed over.
  Result<void> Attach(pid_t pid);
  /// Passes signals, input and output on until the process, a child of ours, has ended.
  Result<ExitStatus> Wait(const Chore& chore = {});

 private:
  Foreground() = default;
  Result<void> PassSignals();
  Result<void> PassInput();
  Result<bool> PassOutput();
  void CopyWindowSize();

  UniqueFd signals_;
  UniqueFd console_parent_;
  UniqueFd console_child_;
  UniqueFd terminal_;
  Pidfd process_;
  bool raw_ = false;
  bool input_open_ = true;
};

}  // namespace berth::runtime::cli
