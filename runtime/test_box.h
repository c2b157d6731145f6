// A root file system with busybox and the means to run it, for the tests of this folder.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/pidfd.h"
#include "base/result.h"
#include "runtime/container.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// What came of one process.
struct Outcome {
  std::string error;  // of the launch; empty if the program ran
  int error_code = 0;
  ExitStatus status;
  std::string text;  // standard output and error
};

/// A directory with a bundle in it: `rootfs` with /bin/busybox and its applets, an /etc/passwd with
/// root, app (uid 1000, in the groups app and web) and nobody. Removed at the end.
class TestBox {
 public:
  TestBox();
  ~TestBox();
  TestBox(const TestBox&) = delete;
  TestBox& operator=(const TestBox&) = delete;

  std::string bundle() const { return bundle_; }
  std::string root() const { return bundle_ + "/rootfs"; }
  /// Changed by the tests before they run something.
  Spec spec;

  void Script(const std::string& commands) { spec.process.args = {"/bin/sh", "-c", commands}; }
  /// Creates, starts and reaps a container.
  Outcome Run();
  /// The same of /bin/sh with these commands.
  Outcome Run(const std::string& commands) {
    Script(commands);
    return Run();
  }
  CreateRequest Request() const;

 private:
  std::string bundle_;
};

/// A container that runs `sleep` until the test ends it.
class RunningBox {
 public:
  explicit RunningBox(TestBox& box);
  ~RunningBox();
  RunningBox(const RunningBox&) = delete;
  RunningBox& operator=(const RunningBox&) = delete;
  pid_t pid() const { return created_.pid; }

  Outcome Exec(const Process& process);
  Outcome Exec(const std::string& commands);

 private:
  TestBox* box_;
  Created created_;
};

/// Reaps a child of this process.
ExitStatus Reap(pid_t pid);

}  // namespace berth::runtime
