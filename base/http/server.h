// Server: HTTP/1.1 and WebSocket for many clients on one IoLoop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/http/io_loop.h"
#include "base/http/message.h"
#include "base/http/websocket.h"
#include "base/result.h"

namespace berth::http {

/// Where to listen: a numeric address and a port, or a descriptor that listens already.
struct ListenOn {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  /// IP_FREEBIND: the address need not be there yet.
  bool freebind = false;
  /// Listens already, whatever its address family, and is taken over; -1 for none.
  int descriptor = -1;
};

struct ServerTls {
  std::string certificate_file;  // PEM, the chain
  std::string key_file;          // PEM
};

struct ServerLimits {
  size_t max_connections = 10'000;  // more are closed as they come
  size_t max_header = 32 << 10;     // else 431
  size_t max_body = 2 << 20;        // else 413
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};   // between requests
  std::chrono::milliseconds write_timeout{60'000};  // until the client has taken an answer
  /// Requests of one connection are answered in order, one at a time; what is pipelined waits.
};

/// Answers a request; to be called once, on the loop, now or later. If it is let go of uncalled,
/// the client gets a 500; if the client is gone, nothing happens.
using Respond = std::function<void(Response)>;

/// A request to upgrade to a WebSocket, not answered yet. One of the two must be called, now or
/// later; letting go of it answers by 500.
class Upgrade {
 public:
  virtual ~Upgrade() = default;
  virtual void Refuse(Response response) = 0;
  /// `connected` gets the connection once the handshake is over; not called if the client is gone.
  virtual void Accept(WebSocketLimits limits,
                      std::function<void(std::shared_ptr<WebSocket>)> connected) = 0;
};

struct ServerHandlers {
  std::function<void(Request, Respond)> request;
  /// Absent: upgrades are answered by 400.
  std::function<void(Request, std::shared_ptr<Upgrade>)> upgrade;
};

struct ServerContext;

/// A malformed request is answered by 400 and ends its connection; nothing of it reaches the
/// handlers. An exception from a handler is a bug and ends the program.
class Server {
 public:
  static Result<Server> Listen(IoLoop& loop, const ListenOn& where, ServerHandlers handlers,
                               ServerLimits limits = {});
  /// The same over TLS 1.2 or later.
  static Result<Server> ListenTls(IoLoop& loop, const ListenOn& where, const ServerTls& tls,
                                  ServerHandlers handlers, ServerLimits limits = {});
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// Stops listening and drops every connection but those that became WebSockets.
  ~Server();

  uint16_t port() const;
  size_t connections() const;

 private:
  struct State;
  static Result<Server> Start(const ListenOn& where, ServerContext context);
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace berth::http
