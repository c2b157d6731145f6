// ServerConnection: one client's connection to a Server, from its first request to its last.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/http/parser.h"
#include "base/http/serialize.h"
#include "base/http/server.h"
#include "base/http/transport.h"

namespace berth::http {

/// What the connections of one server share.
struct ServerContext {
  IoLoop& loop;
  ServerHandlers handlers;
  ServerLimits limits;
  std::optional<TlsContext> tls;
};

/// Reads a request, has it handled, writes the answer, and so on: never two of these at once, so a
/// client that sends without reading waits.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  /// `ended` is called once the socket is closed, or has become a WebSocket; not after Drop.
  ServerConnection(std::shared_ptr<const ServerContext> context,
                   std::shared_ptr<Transport> transport, std::string peer_address,
                   std::function<void(ServerConnection*)> ended);

  void Start();
  /// Ends it at once.
  void Drop();

  /// Answers request number `serial`; nothing happens if that is not the one being handled.
  void Answer(uint64_t serial, Response response);
  /// The same for a request for a WebSocket.
  void Accept(uint64_t serial, const Request& request, WebSocketLimits limits,
              std::function<void(std::shared_ptr<WebSocket>)> connected);

 private:
  enum class Phase { kIdle, kReading, kHandling, kAnswering, kLeaving, kEnded };

  void AwaitRequest(std::chrono::milliseconds patience);
  void ReadMore();
  void Parse();
  void MeetExpectation();
  void Handle();
  void HandleUpgrade(Request request);
  void Refuse(int status);
  void Write(std::string text);
  void Leave();
  void End();
  void SetDeadline(std::chrono::milliseconds limit);
  Respond MakeRespond();

  std::shared_ptr<const ServerContext> context_;
  std::shared_ptr<Transport> transport_;
  std::string peer_address_;
  std::function<void(ServerConnection*)> ended_;

  Phase phase_ = Phase::kIdle;
  Timer deadline_;
  std::string input_;  // come, but not understood yet
  std::optional<RequestParser> parser_;
  uint64_t serial_ = 0;
  std::string method_;  // of the request being handled
  Connection after_ = Connection::kKeep;
};

}  // namespace berth::http
