// WebSocket: one established connection of RFC 6455, the same on both sides.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace berth::http {

struct WebSocketLimits {
  /// A larger message ends the connection with 1009.
  size_t max_message = 4 << 20;
  /// If the peer reads so slowly that more than this waits to be sent, the connection is dropped.
  size_t max_queued = 16 << 20;
  /// If it has not taken a message in this time, too.
  std::chrono::milliseconds send_timeout{60'000};
};

/// How it ended: what the close frame said that came first, the peer's or ours. `code` is 1006 if
/// the connection broke without one, 1005 if it had no code (RFC 6455, 7.4.1).
struct WebSocketEnd {
  uint16_t code = 1006;
  std::string reason;
};

/// Text frames only, no extensions. Belongs to the loop's thread. It lives until its end has been
/// told, whoever holds it.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// To be set before the handler that handed the connection out returns. Pings are answered
  /// without anybody being told.
  virtual void OnMessage(std::function<void(std::string)> handler) = 0;
  /// Called once, last of all.
  virtual void OnEnd(std::function<void(WebSocketEnd)> handler) = 0;

  /// Queues a message. After the end it is dropped.
  virtual void Send(std::string text) = 0;
  /// Sends what is queued, then a close frame; drops the connection if no answer comes in 5 s. What
  /// the peer sends meanwhile is thrown away. A reason is cut to 123 bytes.
  virtual void Close(uint16_t code, std::string_view reason) = 0;
  /// Drops the connection at once.
  virtual void Drop() = 0;
  virtual size_t queued_bytes() const = 0;
};

}  // namespace berth::http
