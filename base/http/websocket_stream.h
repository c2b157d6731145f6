// How a Transport becomes a WebSocket, on either side.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/http/client.h"
#include "base/http/message.h"
#include "base/http/transport.h"
#include "base/http/websocket.h"

namespace berth::http {

struct WebSocketStart {
  std::shared_ptr<Transport> transport;
  std::string received;  // by the transport, behind the request
  WebSocketLimits limits;
};

/// Answers `request`, a valid one for a WebSocket. `connected` is not called if the client is gone.
void AcceptWebSocket(IoLoop& loop, WebSocketStart start, const Request& request,
                     std::function<void(std::shared_ptr<WebSocket>)> connected);

/// Asks `host` for a WebSocket by `request`, whose headers go out as they are, and calls back once.
/// There is no deadline: close the transport to end it.
void RequestWebSocket(IoLoop& loop, WebSocketStart start, const Request& request,
                      const std::string& host, std::function<void(Result<WebSocketAnswer>)> done);

}  // namespace berth::http
