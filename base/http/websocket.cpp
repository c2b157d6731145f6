#include "base/http/websocket.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <optional>

#include "base/http/websocket_stream.h"

namespace berth::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ws = boost::beast::websocket;
using beast::error_code;

constexpr std::chrono::milliseconds kLongestClose{5'000};
constexpr std::chrono::milliseconds kLongestAccept{10'000};
constexpr size_t kLongestReason = 123;  // RFC 6455, 5.5: 125 with the code
constexpr size_t kKeptBuffer = 4 << 10;

error_code ToErrorCode(int error) {
  if (error == ECANCELED) return asio::error::operation_aborted;
  return {error, boost::system::system_category()};
}

// A Transport as Beast wants streams. One type for both kinds of transport and all of Beast's
// operations, so that Beast's WebSocket is compiled once.
class Stream {
 public:
  using executor_type = asio::io_context::executor_type;

  Stream(IoLoop& loop, std::shared_ptr<Transport> transport, std::string received)
      : executor_(loop.context().get_executor()),
        transport_(std::move(transport)),
        received_(std::move(received)) {}

  executor_type get_executor() const { return executor_; }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, size_t)>(
        [this](auto&& handler, const asio::mutable_buffer& buffer) {
          Read({static_cast<char*>(buffer.data()), buffer.size()},
               Erase(std::forward<decltype(handler)>(handler)));
        },
        token, FirstOf<asio::mutable_buffer>(buffers));
  }

  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    // A frame's head and what follows it become one packet, and one record of TLS.
    std::string data(std::min(asio::buffer_size(buffers), kLongestWrite), '\0');
    asio::buffer_copy(asio::buffer(data), buffers);
    return asio::async_initiate<Token, void(error_code, size_t)>(
        [this](auto&& handler, std::string data) {
          Write(std::move(data), Erase(std::forward<decltype(handler)>(handler)));
        },
        token, std::move(data));
  }

  void Close() const { transport_->Close(); }

  template <typename Handler>
  void CloseGently(Handler&& handler) {
    auto done = Erase([handler = std::forward<Handler>(handler)](error_code error, size_t) mutable {
      handler(error);
    });
    transport_->CloseGently([done = std::move(done)] { done(error_code(), 0); });
  }

 private:
  using Done = std::function<void(error_code, size_t)>;
  static constexpr size_t kLongestWrite = 64 << 10;

  template <typename Buffer, typename Buffers>
  static Buffer FirstOf(const Buffers& buffers) {
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers);
         ++it) {
      if (Buffer buffer(*it); buffer.size() > 0) return buffer;
    }
    return {};
  }

  // Handlers of Beast can be moved alone.
  template <typename Handler>
  static Done Erase(Handler&& handler) {
    auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    return [shared](error_code error, size_t size) {
      auto taken = std::move(*shared);
      taken(error, size);
    };
  }

  void Read(std::span<char> buffer, Done done) {
    if (!received_.empty() || buffer.empty()) {
      const size_t size = received_.copy(buffer.data(), buffer.size());
      received_.erase(0, size);
      return asio::post(executor_, [done = std::move(done), size] { done({}, size); });
    }
    received_ = std::string();
    transport_->ReadInto(buffer, [done = std::move(done)](int error, size_t size) {
      if (error != 0) return done(ToErrorCode(error), 0);
      done(size == 0 ? error_code(asio::error::eof) : error_code(), size);
    });
  }

  void Write(std::string data, Done done) {
    const auto kept = std::make_shared<std::string>(std::move(data));
    transport_->WriteSome(*kept, [kept, done = std::move(done)](int error, size_t size) {
      done(error != 0 ? ToErrorCode(error) : error_code(), size);
    });
  }

  executor_type executor_;
  std::shared_ptr<Transport> transport_;
  std::string received_;  // before the transport was ours
};

// Found by Beast by their names.
[[maybe_unused]] void beast_close_socket(Stream& stream) { stream.Close(); }
[[maybe_unused]] void teardown(beast::role_type, Stream& stream, error_code& error) {
  stream.Close();
  error = {};
}
template <typename Handler>
void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {
  stream.CloseGently(std::forward<Handler>(handler));
}

Error ToError(const error_code& code) {
  if (code.category() == boost::system::system_category()) {
    return Error(ErrnoMessage(code.value()), code.value());
  }
  namespace http = beast::http;
  if (code == asio::error::eof || code == http::error::end_of_stream ||
      code == http::error::partial_message) {
    return Error("the connection was closed", ECONNRESET);
  }
  return Error("the answer is no WebSocket handshake: " + code.message(), EPROTO);
}

Response ToResponse(ws::response_type& message) {
  Response response = {.status = static_cast<int>(message.result_int())};
  for (const auto& field : message) {
    response.headers.Add(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

// What the handshake says itself, and is not for others to say.
bool IsOfHandshake(beast::string_view name) {
  constexpr std::array kNames = {"Connection", "Upgrade", "Sec-WebSocket-Key",
                                 "Sec-WebSocket-Version", "Sec-WebSocket-Extensions"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](const char* own) { return beast::iequals(name, own); });
}

// As much of a reason as fits, without cutting a character in two.
std::string CutReason(std::string_view reason) {
  size_t size = std::min(reason.size(), kLongestReason);
  while (size < reason.size() && size > 0 && (reason[size] & 0xc0) == 0x80) --size;
  return std::string(reason.substr(0, size));
}

// Held by its operations, so it lives as long as it reads.
class Socket : public WebSocket, public std::enable_shared_from_this<Socket> {
 public:
  using Connected = std::function<void(std::shared_ptr<WebSocket>)>;
  using Answered = std::function<void(Result<WebSocketAnswer>)>;

  Socket(IoLoop& loop, WebSocketStart start)
      : loop_(loop),
        transport_(start.transport),
        stream_(loop, std::move(start.transport), std::move(start.received)),
        limits_(start.limits) {
    stream_.auto_fragment(false);
    stream_.read_message_max(limits_.max_message);
    stream_.text(true);
  }

  void Accept(const Request& request, Connected connected);
  void Ask(const Request& request, const std::string& host, Answered answered);

  void OnMessage(std::function<void(std::string)> handler) override {
    on_message_ = std::move(handler);
  }
  void OnEnd(std::function<void(WebSocketEnd)> handler) override { on_end_ = std::move(handler); }
  void Send(std::string text) override;
  void Close(uint16_t code, std::string_view reason) override;
  void Drop() override;
  size_t queued_bytes() const override { return queued_bytes_; }

 private:
  enum class Phase { kOpen, kClosing, kDropped, kEnded };

  void Read();
  void OnRead(const error_code& error);
  void OnReadFailed(const error_code& error);
  void WriteNext();
  void OnWritten(const error_code& error);
  void SendClose();
  void OnClosed(const error_code& error);
  void EndIfDone();
  WebSocketEnd EndOf(const error_code& error);
  Timer DropAfter(std::chrono::milliseconds limit);

  IoLoop& loop_;
  std::shared_ptr<Transport> transport_;
  ws::stream<Stream, false> stream_;  // false: without compression
  WebSocketLimits limits_;
  std::function<void(std::string)> on_message_;
  std::function<void(WebSocketEnd)> on_end_;

  Phase phase_ = Phase::kOpen;
  beast::flat_buffer input_;
  std::deque<std::string> queue_;  // the first is being written
  size_t queued_bytes_ = 0;
  Timer write_deadline_;
  Timer goodbye_deadline_;
  WebSocketEnd closing_with_;
  std::optional<WebSocketEnd> end_;
  bool is_reading_ = false;
  bool is_closing_ = false;      // the close frame is on its way, or its answer
  bool has_sent_close_ = false;  // before any came
};

void Socket::Accept(const Request& request, Connected connected) {
  auto message = std::make_shared<beast::http::request<beast::http::empty_body>>(
      beast::http::verb::get, request.target, 11);
  for (const auto& [name, value] : request.headers) message->insert(name, value);
  message->erase(beast::http::field::expect);
  stream_.set_option(ws::stream_base::decorator([](ws::response_type& response) {
    response.set(beast::http::field::server, "berth/" BERTH_VERSION);
  }));
  goodbye_deadline_ = DropAfter(kLongestAccept);
  stream_.async_accept(*message, [self = shared_from_this(), message,
                                  connected = std::move(connected)](const error_code& error) {
    self->goodbye_deadline_.Cancel();
    if (error || self->phase_ != Phase::kOpen) return self->transport_->Close();
    connected(self);
    self->Read();
  });
}

void Socket::Ask(const Request& request, const std::string& host, Answered answered) {
  stream_.set_option(ws::stream_base::decorator([&request](ws::request_type& message) {
    message.set(beast::http::field::user_agent, "berth/" BERTH_VERSION);
    for (const auto& [name, value] : request.headers) {
      const auto field = beast::http::string_to_field(name);
      if (IsOfHandshake(name)) continue;
      if (field == beast::http::field::host || field == beast::http::field::user_agent) {
        message.set(name, value);
      } else {
        message.insert(name, value);
      }
    }
  }));
  auto response = std::make_shared<ws::response_type>();
  stream_.async_handshake(
      *response, host, request.target,
      [self = shared_from_this(), response, answered = std::move(answered)](error_code error) {
        if (error == ws::error::upgrade_declined) {
          return answered(WebSocketAnswer{.refusal = ToResponse(*response)});
        }
        if (error) return answered(ToError(error));
        answered(WebSocketAnswer{.socket = self});
        self->Read();
      });
  // The request is written out by now.
  stream_.set_option(ws::stream_base::decorator([](ws::request_type&) {}));
}

void Socket::Read() {
  is_reading_ = true;
  stream_.async_read(input_, [self = shared_from_this()](const error_code& error, size_t) {
    self->OnRead(error);
  });
}

void Socket::OnRead(const error_code& error) {
  is_reading_ = false;
  if (error) return OnReadFailed(error);
  if (!stream_.got_text()) Close(ws::close_code::unknown_data, "only text is understood");
  std::string message(static_cast<const char*>(input_.data().data()), input_.size());
  input_.consume(input_.size());
  if (input_.capacity() > kKeptBuffer) input_.shrink_to_fit();
  if (phase_ == Phase::kOpen && on_message_) {
    const auto handler = on_message_;  // may be replaced while it works
    handler(std::move(message));
  }
  Read();
}

void Socket::OnReadFailed(const error_code& error) {
  // Closing reads, too: if it has seen the answer, this only hears that there is no more.
  if (!end_) end_ = EndOf(error);
  if (phase_ == Phase::kOpen) phase_ = Phase::kDropped;
  EndIfDone();
}

// Beast has told the peer already what was wrong with its frames.
WebSocketEnd Socket::EndOf(const error_code& error) {
  if (error == ws::error::closed) {
    if (has_sent_close_) return closing_with_;
    const ws::close_reason& reason = stream_.reason();
    const bool has_code = reason.code != ws::close_code::none;
    return {.code = has_code ? reason.code : uint16_t{1005},
            .reason = std::string(reason.reason.data(), reason.reason.size())};
  }
  if (error == ws::error::message_too_big || error == ws::error::buffer_overflow) {
    return {.code = ws::close_code::too_big, .reason = error.message()};
  }
  if (error == ws::error::bad_frame_payload) {
    return {.code = ws::close_code::bad_payload, .reason = error.message()};
  }
  if (error == ws::condition::protocol_violation) {
    return {.code = ws::close_code::protocol_error, .reason = error.message()};
  }
  return {};
}

void Socket::Send(std::string text) {
  if (phase_ != Phase::kOpen) return;
  queued_bytes_ += text.size();
  if (queued_bytes_ > limits_.max_queued) return Drop();
  queue_.push_back(std::move(text));
  if (queue_.size() == 1) WriteNext();
}

void Socket::WriteNext() {
  write_deadline_ = DropAfter(limits_.send_timeout);
  stream_.async_write(
      asio::buffer(queue_.front()),
      [self = shared_from_this()](const error_code& error, size_t) { self->OnWritten(error); });
}

void Socket::OnWritten(const error_code& error) {
  write_deadline_.Cancel();
  queued_bytes_ -= queue_.front().size();
  queue_.pop_front();
  if (error) return Drop();
  if (!queue_.empty()) return WriteNext();
  if (phase_ == Phase::kClosing) SendClose();
}

void Socket::Close(uint16_t code, std::string_view reason) {
  if (phase_ != Phase::kOpen) return;
  phase_ = Phase::kClosing;
  closing_with_ = {.code = code, .reason = CutReason(reason)};
  goodbye_deadline_ = DropAfter(kLongestClose);
  if (queue_.empty()) SendClose();
}

void Socket::SendClose() {
  is_closing_ = true;
  has_sent_close_ = true;
  ws::close_reason reason(closing_with_.code);
  reason.reason = closing_with_.reason;
  stream_.async_close(
      reason, [self = shared_from_this()](const error_code& error) { self->OnClosed(error); });
}

void Socket::OnClosed(const error_code& error) {
  is_closing_ = false;
  if (!error) end_ = closing_with_;
  EndIfDone();
}

void Socket::Drop() {
  if (phase_ == Phase::kEnded) return;
  phase_ = Phase::kDropped;
  transport_->Close();  // ends the read, and with it the rest
}

void Socket::EndIfDone() {
  if (is_reading_ || is_closing_ || phase_ == Phase::kEnded) return;
  phase_ = Phase::kEnded;
  write_deadline_.Cancel();
  goodbye_deadline_.Cancel();
  transport_->Close();
  on_message_ = nullptr;
  if (const auto handler = std::exchange(on_end_, nullptr)) handler(end_.value_or(WebSocketEnd()));
}

Timer Socket::DropAfter(std::chrono::milliseconds limit) {
  return loop_.After(limit, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Drop();
  });
}

}  // namespace

void AcceptWebSocket(IoLoop& loop, WebSocketStart start, const Request& request,
                     std::function<void(std::shared_ptr<WebSocket>)> connected) {
  std::make_shared<Socket>(loop, std::move(start))->Accept(request, std::move(connected));
}

void RequestWebSocket(IoLoop& loop, WebSocketStart start, const Request& request,
                      const std::string& host, std::function<void(Result<WebSocketAnswer>)> done) {
  std::make_shared<Socket>(loop, std::move(start))->Ask(request, host, std::move(done));
}

}  // namespace berth::http
