#include "base/http/io_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

namespace berth::http {
namespace {

namespace asio = boost::asio;

// The wait under way holds it weakly: once the Timer has let go, an expiry that is already on its
// way finds nobody to call.
struct Delay {
  Delay(asio::io_context& context, std::function<void()> then)
      : timer(context), work(std::move(then)) {}
  asio::steady_timer timer;
  std::function<void()> work;
};

struct Watch : std::enable_shared_from_this<Watch> {
  Watch(asio::io_context& context, int fd, std::function<void()> then)
      : descriptor(context, fd), work(std::move(then)) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { descriptor.release(); }  // borrowed: not to be closed

  void Wait() {
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [weak = weak_from_this()](const boost::system::error_code& error) {
                            const auto self = weak.lock();
                            if (!self || error) return;
                            self->work();
                            self->Wait();
                          });
  }

  asio::posix::stream_descriptor descriptor;
  std::function<void()> work;
};

void WaitForSignal(const std::shared_ptr<asio::signal_set>& signals,
                   const std::shared_ptr<std::function<void(int)>>& work) {
  // The set is owned by the loop, which would otherwise own a handler that owns the set.
  signals->async_wait(
      [weak = std::weak_ptr(signals), work](const boost::system::error_code& error, int signal) {
        const auto again = weak.lock();
        if (!again || error) return;
        (*work)(signal);
        WaitForSignal(again, work);
      });
}

}  // namespace

struct IoLoop::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::vector<std::shared_ptr<asio::signal_set>> signals;
};

IoLoop::IoLoop() : state_(std::make_unique<State>()) {}
IoLoop::~IoLoop() = default;

void IoLoop::Run() {
  state_->context.run();
  state_->context.restart();
}

void IoLoop::Stop() { state_->context.stop(); }

void IoLoop::Post(std::function<void()> work) { asio::post(state_->context, std::move(work)); }

Timer IoLoop::After(std::chrono::milliseconds delay, std::function<void()> work) {
  auto state = std::make_shared<Delay>(state_->context, std::move(work));
  state->timer.expires_after(delay);
  state->timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) std::exchange(self->work, nullptr)();
  });
  return Timer(std::move(state));
}

Timer IoLoop::WhenReadable(int fd, std::function<void()> work) {
  auto watch = std::make_shared<Watch>(state_->context, fd, std::move(work));
  watch->Wait();
  return Timer(std::move(watch));
}

void IoLoop::OnSignals(std::initializer_list<int> signals, std::function<void(int)> work) {
  auto set = std::make_shared<asio::signal_set>(state_->context);
  for (const int signal : signals) set->add(signal);
  state_->signals.push_back(set);
  WaitForSignal(set, std::make_shared<std::function<void(int)>>(std::move(work)));
}

boost::asio::io_context& IoLoop::context() { return state_->context; }

}  // namespace berth::http
