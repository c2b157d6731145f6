#include "base/http/connection.h"

#include <algorithm>

#include "base/http/serialize.h"
#include "base/http/websocket_stream.h"

namespace berth::http {
namespace {

// Gives a request its one answer. If a handler loses it, the client hears of a failure instead of
// waiting for ever.
class Reply {
 public:
  Reply(std::weak_ptr<ServerConnection> connection, uint64_t serial)
      : connection_(std::move(connection)), serial_(serial) {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() { Answer(Response{.status = 500}); }

  void Answer(Response response) {
    if (const auto connection = Take()) connection->Answer(serial_, std::move(response));
  }
  std::shared_ptr<ServerConnection> Take() { return std::exchange(connection_, {}).lock(); }
  uint64_t serial() const { return serial_; }

 private:
  std::weak_ptr<ServerConnection> connection_;
  uint64_t serial_;
};

class PendingUpgrade : public Upgrade {
 public:
  PendingUpgrade(std::weak_ptr<ServerConnection> connection, uint64_t serial, Request request)
      : reply_(std::move(connection), serial), request_(std::move(request)) {}

  void Refuse(Response response) override { reply_.Answer(std::move(response)); }
  void Accept(WebSocketLimits limits,
              std::function<void(std::shared_ptr<WebSocket>)> connected) override {
    if (const auto connection = reply_.Take()) {
      connection->Accept(reply_.serial(), request_, limits, std::move(connected));
    }
  }

 private:
  Reply reply_;
  Request request_;
};

bool AsksForWebSocket(const Request& request) {
  return Lists(request.headers, "Connection", "upgrade") &&
         Lists(request.headers, "Upgrade", "websocket");
}

// RFC 6455, 4.2.1: the base64 of 16 bytes.
bool IsKey(std::string_view text) {
  return text.size() == 24 && text.ends_with("==") &&
         std::all_of(text.begin(), text.end() - 2, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '+' || c == '/';
         });
}

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<const ServerContext> context,
                                   std::shared_ptr<Transport> transport, std::string peer_address,
                                   std::function<void(ServerConnection*)> ended)
    : context_(std::move(context)),
      transport_(std::move(transport)),
      peer_address_(std::move(peer_address)),
      ended_(std::move(ended)) {}

void ServerConnection::Start() {
  if (!context_->tls) return AwaitRequest(context_->limits.header_timeout);
  SetDeadline(context_->limits.header_timeout);
  transport_->Handshake([self = shared_from_this()](const Result<void>& done) {
    if (self->phase_ == Phase::kEnded) return;
    if (!done) return self->End();
    self->AwaitRequest(self->context_->limits.header_timeout);
  });
}

void ServerConnection::Drop() {
  ended_ = nullptr;
  End();
}

void ServerConnection::End() {
  if (phase_ == Phase::kEnded) return;
  phase_ = Phase::kEnded;
  deadline_.Cancel();
  if (transport_) transport_->Close();
  if (ended_) std::exchange(ended_, nullptr)(this);
}

void ServerConnection::AwaitRequest(std::chrono::milliseconds patience) {
  if (!input_.empty()) {
    SetDeadline(context_->limits.header_timeout);
    return Parse();
  }
  phase_ = Phase::kIdle;
  input_ = std::string();  // many connections are idle: none keeps a buffer
  SetDeadline(patience);
  ReadMore();
}

void ServerConnection::ReadMore() {
  transport_->Read([self = shared_from_this()](int error, std::string_view data) {
    if (self->phase_ == Phase::kEnded) return;
    if (error != 0 || data.empty()) return self->End();
    if (self->phase_ == Phase::kIdle) self->SetDeadline(self->context_->limits.header_timeout);
    self->input_ += data;
    self->Parse();
  });
}

void ServerConnection::Parse() {
  phase_ = Phase::kReading;
  const ServerLimits& limits = context_->limits;
  if (!parser_) parser_.emplace(ParserLimits{limits.max_header, limits.max_body});
  switch (parser_->Parse(input_)) {
    case Parsed::kPart:
      return ReadMore();
    case Parsed::kHead:
      SetDeadline(limits.body_timeout);
      return MeetExpectation();
    case Parsed::kAll:
      return Handle();
    case Parsed::kMalformed:
      return Refuse(400);
    case Parsed::kHeadTooLarge:
      return Refuse(431);
    case Parsed::kBodyTooLarge:
      return Refuse(413);
  }
}

// RFC 9110, 10.1.1: a client that wants to know whether its body is welcome waits to be told.
void ServerConnection::MeetExpectation() {
  const auto expected = parser_->request().headers.Find("Expect");
  if (!expected || !input_.empty()) return Parse();
  if (!Lists(parser_->request().headers, "Expect", "100-continue")) return Refuse(417);
  transport_->Write("HTTP/1.1 100 Continue\r\n\r\n", [self = shared_from_this()](int error) {
    if (self->phase_ == Phase::kEnded) return;
    if (error != 0) return self->End();
    self->Parse();
  });
}

void ServerConnection::Handle() {
  phase_ = Phase::kHandling;
  deadline_.Cancel();
  after_ = parser_->keep_alive() ? Connection::kKeep : Connection::kClose;
  Request request = std::move(*parser_).Take();
  parser_.reset();
  request.peer_address = peer_address_;
  method_ = request.method;
  ++serial_;
  if (AsksForWebSocket(request)) return HandleUpgrade(std::move(request));
  const auto context = context_;  // the handler may end the server
  context->handlers.request(std::move(request), MakeRespond());
}

void ServerConnection::HandleUpgrade(Request request) {
  const auto context = context_;
  const auto key = request.headers.Find("Sec-WebSocket-Key");
  if (!context->handlers.upgrade || request.method != "GET" || !request.body.empty() || !key ||
      !IsKey(*key)) {
    return Answer(serial_, Response{.status = 400});
  }
  if (!Lists(request.headers, "Sec-WebSocket-Version", "13")) {
    return Answer(serial_, Response{.status = 426, .headers = {{"Sec-WebSocket-Version", "13"}}});
  }
  context->handlers.upgrade(request,
                            std::make_shared<PendingUpgrade>(weak_from_this(), serial_, request));
}

Respond ServerConnection::MakeRespond() {
  return [reply = std::make_shared<Reply>(weak_from_this(), serial_)](Response response) {
    reply->Answer(std::move(response));
  };
}

void ServerConnection::Answer(uint64_t serial, Response response) {
  if (phase_ != Phase::kHandling || serial != serial_) return;
  if (Lists(response.headers, "Connection", "close")) after_ = Connection::kClose;
  Write(Serialize(response, method_, after_));
}

void ServerConnection::Refuse(int status) {
  after_ = Connection::kClose;
  Write(Serialize(Response{.status = status}, "", after_));
}

void ServerConnection::Write(std::string text) {
  phase_ = Phase::kAnswering;
  SetDeadline(context_->limits.write_timeout);
  transport_->Write(std::move(text), [self = shared_from_this()](int error) {
    if (self->phase_ == Phase::kEnded) return;
    if (error != 0) return self->End();
    if (self->after_ == Connection::kClose) return self->Leave();
    self->AwaitRequest(self->context_->limits.idle_timeout);
  });
}

void ServerConnection::Leave() {
  phase_ = Phase::kLeaving;
  deadline_.Cancel();
  parser_.reset();
  transport_->CloseGently([self = shared_from_this()] { self->End(); });
}

void ServerConnection::Accept(uint64_t serial, const Request& request, WebSocketLimits limits,
                              std::function<void(std::shared_ptr<WebSocket>)> connected) {
  if (phase_ != Phase::kHandling || serial != serial_) return;
  AcceptWebSocket(context_->loop,
                  {.transport = std::exchange(transport_, nullptr),
                   .received = std::move(input_),
                   .limits = limits},
                  request, std::move(connected));
  End();
}

// A client that is too slow is not told: it would be too slow to hear.
void ServerConnection::SetDeadline(std::chrono::milliseconds limit) {
  deadline_ = context_->loop.After(limit, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->End();
  });
}

}  // namespace berth::http
