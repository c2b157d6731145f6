// A child that is moved into a container's cgroup, and makes the container from there.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/container.h"

namespace berth::runtime::cli {

/// A user may move a process, or have one be born elsewhere, only between cgroups below one that is
/// the user's (cgroup-v2.rst, "Delegation Containment"); from a login's session there is none above
/// both. systemd moves the launcher, and the container is born where that is.
class Launcher {
 public:
  /// `make` is called in the child once it is told to; the container it makes must be a child of
  /// the caller's (Parent::kCallersParent).
  static Result<Launcher> Fork(const std::function<Result<Created>()>& make);
  Launcher(Launcher&& other) noexcept;
  Launcher& operator=(Launcher&& other) noexcept;
  /// Ends the child if it has not been told.
  ~Launcher();

  pid_t pid() const { return pid_; }
  /// Tells it, waits for its end, and answers what it has made.
  Result<Created> Launch();

 private:
  Launcher(pid_t pid, UniqueFd socket) : pid_(pid), socket_(std::move(socket)) {}

  pid_t pid_;
  UniqueFd socket_;
};

}  // namespace berth::runtime::cli
