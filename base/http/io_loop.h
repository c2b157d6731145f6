// IoLoop: the one thread on which a program's network conversations take place.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace berth::http {

/// A timer under way. Letting go of it cancels it. Belongs to the loop's thread.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&&) noexcept = default;
  ~Timer() = default;
  void Cancel() { state_.reset(); }

 private:
  friend class IoLoop;
  explicit Timer(std::shared_ptr<void> state) : state_(std::move(state)) {}
  std::shared_ptr<void> state_;
};

/// Everything that is called back is called on the thread that runs the loop, one call after the
/// other: what only the loop touches needs no lock. Nothing on it may block.
class IoLoop {
 public:
  IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;
  ~IoLoop();

  /// Works until Stop is called.
  void Run();
  /// From any thread. What is under way is dropped.
  void Stop();
  /// From any thread: calls `work` on the loop, after what was posted before.
  void Post(std::function<void()> work);
  /// Calls `work` once, after `delay`, unless the timer is let go of before.
  [[nodiscard]] Timer After(std::chrono::milliseconds delay, std::function<void()> work);
  /// Calls `work` whenever `fd` can be read, until the timer is let go of. `fd` is borrowed.
  [[nodiscard]] Timer WhenReadable(int fd, std::function<void()> work);
  /// Calls `work` with each of the signals that comes (SIGTERM, ...), for as long as the loop is.
  void OnSignals(std::initializer_list<int> signals, std::function<void(int)> work);

  /// For the sources in this folder.
  boost::asio::io_context& context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::http
