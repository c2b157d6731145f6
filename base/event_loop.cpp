#include "base/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <climits>

namespace berth {

Result<EventLoop> EventLoop::Create() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return ErrnoError("epoll_create");
  return EventLoop(UniqueFd(fd));
}

Result<void> EventLoop::Watch(int fd, Handler handler) {
  epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) return ErrnoError("epoll_ctl add");
  handlers_[fd] = std::make_shared<Handler>(std::move(handler));
  return {};
}

void EventLoop::Unwatch(int fd) {
  if (handlers_.erase(fd) > 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Result<void> EventLoop::RunOnce(std::optional<Clock::time_point> deadline, Wait wait) {
  int timeout = -1;
  if (deadline) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    timeout = static_cast<int>(std::clamp<int64_t>(rest.count(), 0, INT_MAX));
  }
  std::array<epoll_event, 16> events;
  const int count = wait(epoll_.get(), events.data(), events.size(), timeout);
  if (count < 0 && errno != EINTR) return ErrnoError("epoll_wait");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    // An earlier handler of this round may have unwatched it.
    const auto found = handlers_.find(event.data.fd);
    if (found == handlers_.end()) continue;
    const std::shared_ptr<Handler> handler = found->second;
    (*handler)(event.events);
  }
  return {};
}

}  // namespace berth
