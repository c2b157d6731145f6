// Client: HTTP/1.1 requests and WebSockets from an IoLoop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/http/io_loop.h"
#include "base/http/message.h"
#include "base/http/url.h"
#include "base/http/websocket.h"
#include "base/result.h"

namespace berth::http {

struct ClientOptions {
  std::string ca_file;  // PEM, trusted besides the system's authorities; "" for none
  /// The server's certificate is not checked at all.
  bool insecure = false;
  std::chrono::milliseconds connect_timeout{10'000};  // DNS, TCP and TLS each
  std::chrono::milliseconds total_timeout{42'000};    // of a request, answer included
  size_t max_body = 16 << 20;                         // of an answer
};

/// The answer to a request for a WebSocket: the connection, or what the server said instead.
struct WebSocketAnswer {
  std::shared_ptr<WebSocket> socket;  // null if refused
  Response refusal;
};

/// Keeps connections open for the next request to the same place. Does not follow redirects. Names
/// are resolved without blocking the loop.
///
/// The errors' codes: ETIMEDOUT, ECONNRESET and ECONNREFUSED as for sockets, EAGAIN for a name that
/// can't be resolved now, EPROTO for an answer that is not HTTP, EKEYREJECTED for a certificate
/// that is not trusted.
class Client {
 public:
  Client(IoLoop& loop, const ClientOptions& options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  /// What is under way is dropped, and never called back.
  ~Client();

  /// Sends `request` to the place that `to` names (its scheme, host and port) and calls back once
  /// the whole answer is there. Host and Content-Length are added where they are missing. A kept
  /// connection that turns out to be closed is replaced by a new one without the caller noticing.
  void Send(const Url& to, Request request, std::function<void(Result<Response>)> done);
  /// GETs `to` with a WebSocket handshake and these headers besides.
  void OpenWebSocket(const Url& to, Headers headers, WebSocketLimits limits,
                     std::function<void(Result<WebSocketAnswer>)> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same for a program that does one thing: blocks until the answer is there.
Result<Response> SendAndWait(const Url& to, Request request, const ClientOptions& options = {});

}  // namespace berth::http
