// OutputPump: moves what a container's process writes to its log.
#pragma once

#include <functional>
#include <memory>

#include "agent/logs/json_log.h"
#include "base/event_loop.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::shim {

class OutputPump {
 public:
  using Sink = std::function<void(std::string_view output)>;
  using End = std::function<void()>;

  /// Reads `from` (a pipe or a pty's master) in `loop` and hands what comes to `sink`; at the end
  /// of the stream calls `end` once.
  static Result<std::unique_ptr<OutputPump>> Start(EventLoop& loop, UniqueFd from, Sink sink,
                                                   End end);
  ~OutputPump();
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;

  /// Takes what is there without waiting: the writer has ended, but someone may still hold its end.
  void Drain();

 private:
  OutputPump(EventLoop& loop, UniqueFd from, Sink sink, End end);
  /// False once the stream has ended.
  bool ReadOnce();
  void Finish();

  EventLoop& loop_;
  UniqueFd from_;
  Sink sink_;
  End end_;
};

}  // namespace berth::agent::shim
