// NOTIFY_SOCKET (sd_notify(3)): a program in a container tells the service manager of the host that
// it is ready, and how it is.
//
//   program --> /run/notify/notify.sock = <state>/notify/notify.sock --> us --> $NOTIFY_SOCKET
//
// A service manager takes messages from its service's own processes alone, and a container is in
// another cgroup. So the directory is mounted in the container, and whoever starts it listens there
// and passes on what a container may say: `run` until its end, `start` and `run --detach` until it
// is ready.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"
#include "runtime/state/state_dir.h"

namespace berth::runtime::cli {

/// If $NOTIFY_SOCKET is set: makes the directory, and adds mount and variable to `spec`.
Result<void> OfferNotifySocket(const StateDir& dir, Spec& spec);

class NotifyProxy {
 public:
  /// To be called before the program starts. Nothing if no socket was offered to the container, or
  /// there is no $NOTIFY_SOCKET now.
  static Result<std::optional<NotifyProxy>> Listen(const StateDir& dir);

  int fd() const { return socket_.get(); }
  /// Passes on what has come. `main_pid` is told with the news that the program is ready. Answers
  /// whether it is.
  bool PassOn(pid_t main_pid);
  /// Does that until the program is ready, or the process of that number has ended.
  Result<void> AwaitReadiness(pid_t pid);

 private:
  NotifyProxy(UniqueFd socket, std::string manager)
      : socket_(std::move(socket)), manager_(std::move(manager)) {}

  UniqueFd socket_;
  std::string manager_;  // its address; a first '@' stands for the abstract namespace
};

/// What of a container's message is passed on: not which process is the main one, and nothing about
/// descriptors.
std::string AllowedNotification(std::string_view message, pid_t main_pid);

}  // namespace berth::runtime::cli
