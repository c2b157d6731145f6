#include "agent/shim/output_pump.h"

#include <fcntl.h>
#include <poll.h>

#include <array>

#include "base/sys.h"

namespace berth::agent::shim {

OutputPump::OutputPump(EventLoop& loop, UniqueFd from, Sink sink, End end)
    : loop_(loop), from_(std::move(from)), sink_(std::move(sink)), end_(std::move(end)) {}

Result<std::unique_ptr<OutputPump>> OutputPump::Start(EventLoop& loop, UniqueFd from, Sink sink,
                                                      End end) {
  if (::fcntl(from.get(), F_SETFL, O_NONBLOCK) < 0) return ErrnoError("fcntl");
  std::unique_ptr<OutputPump> pump(
      new OutputPump(loop, std::move(from), std::move(sink), std::move(end)));
  TRY(loop.Watch(pump->from_.get(), [raw = pump.get()](uint32_t) {
    if (!raw->ReadOnce()) raw->Finish();
  }));
  return pump;
}

OutputPump::~OutputPump() {
  if (from_) loop_.Unwatch(from_.get());
}

bool OutputPump::ReadOnce() {
  std::array<char, 16 * 1024> buffer;
  const auto size = sys::Read(from_.get(), buffer);
  if (!size) return size.error().Is(EAGAIN);  // EIO: the last holder of the pty has closed it
  if (*size > 0) sink_({buffer.data(), *size});
  return *size > 0;
}

void OutputPump::Finish() {
  loop_.Unwatch(from_.get());
  from_.Reset();
  end_();
}

void OutputPump::Drain() {
  while (from_) {
    pollfd waiting = {.fd = from_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 0) <= 0) return;
    if (!ReadOnce()) Finish();
  }
}

}  // namespace berth::agent::shim
