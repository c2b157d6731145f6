// What this host can and can't do for Berth, found out by trying.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::doctor {

enum class State {
  kOk,
  kLimited,  // tasks run, but something is lost: what was found says what
  kMissing,  // tasks that need it can't run
};

/// One ability of the host.
struct Finding {
  std::string name;  // short and fixed: "kernel", "overlayfs", "namespace.pid"
  State state = State::kOk;
  std::string found;   // what there is, for people
  std::string change;  // what the operator should do; empty if it is as it should be
};

struct Report {
  std::vector<Finding> findings;

  /// The worst state among the findings.
  State Worst() const;
};

struct Options {
  std::string root = "/var/lib/berth";  // whose file system's free space is checked
};

/// Examines the host. Whatever is tried is tried in short-lived children with namespaces of their
/// own, so the host is as before. The caller has no other threads. Fails only if examining itself
/// fails (no memory, no process left to fork).
Result<Report> Examine(const Options& options = {});

}  // namespace berth::doctor
