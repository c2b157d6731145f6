// An agent's end of a connection, for tests: what was said to it, and what it says.
#pragma once

#include <string>
#include <vector>

#include "base/http/io_loop.h"
#include "base/http/server.h"
#include "base/http/websocket.h"
#include "ecs/wire/acs_message.h"

namespace berth::scheduler {

class FakeSocket : public http::WebSocket {
 public:
  void OnMessage(std::function<void(std::string)> handler) override { message_ = handler; }
  void OnEnd(std::function<void(http::WebSocketEnd)> handler) override { end_ = handler; }
  void Send(std::string text) override { sent.push_back(std::move(text)); }
  void Close(uint16_t code, std::string_view reason) override {
    End({.code = code, .reason = std::string(reason)});
  }
  void Drop() override { End({}); }
  size_t queued_bytes() const override { return 0; }

  void Say(const std::string& frame) {
    if (const auto handler = message_) handler(frame);  // which may end the connection
  }
  void Say(const ecs::wire::AcsReply& reply) { Say(ecs::wire::FormatAcs(reply)); }
  void Ack(const std::string& message_id) { Say(ecs::wire::AckRequest{.messageId = message_id}); }
  bool open() const { return !ended_; }
  uint16_t end_code() const { return code_; }

  /// The messages of this type that were sent, in their order; they are forgotten.
  template <typename Message>
  std::vector<Message> Take() {
    std::vector<Message> taken;
    std::erase_if(sent, [&](const std::string& frame) {
      const auto order = ecs::wire::ParseAcsOrder(frame);
      const auto* message = order ? std::get_if<Message>(&*order) : nullptr;
      if (message != nullptr) taken.push_back(*message);
      return message != nullptr;
    });
    return taken;
  }

  std::vector<std::string> sent;

 private:
  void End(const http::WebSocketEnd& end) {
    if (std::exchange(ended_, true)) return;
    code_ = end.code;
    message_ = nullptr;  // as a real one: handlers hold the session, which holds this
    if (const auto handler = std::exchange(end_, nullptr)) handler(end);
  }

  std::function<void(std::string)> message_;
  std::function<void(http::WebSocketEnd)> end_;
  bool ended_ = false;
  uint16_t code_ = 0;
};

/// A handshake, and what became of it.
class FakeUpgrade : public http::Upgrade {
 public:
  void Refuse(http::Response response) override { refusal = std::move(response); }
  void Accept(http::WebSocketLimits,
              std::function<void(std::shared_ptr<http::WebSocket>)> connected) override {
    socket = std::make_shared<FakeSocket>();
    connected(socket);
  }

  std::shared_ptr<FakeSocket> socket;
  std::optional<http::Response> refusal;
};

/// Runs `loop` until `done`, or for two seconds. Returns whether it is done.
inline bool RunUntil(http::IoLoop& loop, const std::function<bool()>& done) {
  bool late = false;
  const http::Timer limit = loop.After(std::chrono::seconds(2), [&] {
    late = true;
    loop.Stop();
  });
  std::function<void()> look;
  http::Timer again;
  look = [&] {
    if (done()) return loop.Stop();
    again = loop.After(std::chrono::milliseconds(1), look);
  };
  loop.Post(look);
  loop.Run();
  return !late;
}

}  // namespace berth::scheduler
