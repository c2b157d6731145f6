// EventLoop: one thread that waits for many descriptors (epoll(7)).
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth {

class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  /// Called with the EPOLL* events that came.
  using Handler = std::function<void(uint32_t events)>;

  static Result<EventLoop> Create();

  /// Calls `handler` whenever `fd` is readable, closed or broken. `fd` is borrowed: it must be
  /// removed before it is closed.
  Result<void> Watch(int fd, Handler handler);
  void Unwatch(int fd);

  /// epoll_wait(2), or what does the same.
  using Wait = int (*)(int epoll, epoll_event* events, int max_events, int timeout);

  /// Waits until something happens or `deadline` comes, and calls the handlers of what happened.
  Result<void> RunOnce(std::optional<Clock::time_point> deadline, Wait wait = ::epoll_wait);

 private:
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  // Shared, so that a handler may unwatch its own descriptor.
  std::map<int, std::shared_ptr<Handler>> handlers_;
};

}  // namespace berth
