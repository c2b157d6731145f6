#include "agent/shim/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fd_passing.h"
#include "base/wire.h"

namespace berth::agent::shim {

std::string EncodeRequest(const Request& request) {
  WireWriter wire;
  wire.Number(static_cast<int64_t>(request.kind));
  wire.Text(request.stop_code);
  wire.Text(request.reason);
  wire.Number(request.stop_timeout.value_or(-1));
  wire.Text(request.container);
  wire.Texts(request.args);
  wire.Texts(request.env);
  wire.Text(request.cwd);
  wire.Text(request.user);
  wire.Number(request.terminal ? 1 : 0);
  wire.Number(request.signal);
  return wire.Take();
}

Result<Request> DecodeRequest(std::string_view bytes) {
  WireReader wire(bytes);
  Request request;
  const int64_t kind = wire.Number();
  request.stop_code = wire.Text();
  request.reason = wire.Text();
  const int64_t stop_timeout = wire.Number();
  request.container = wire.Text();
  request.args = wire.Texts();
  request.env = wire.Texts();
  request.cwd = wire.Text();
  request.user = wire.Text();
  request.terminal = wire.Number() != 0;
  request.signal = static_cast<int>(wire.Number());
  TRY(wire.Finish());
  if (kind < 0 || kind > static_cast<int64_t>(Request::Kind::kOwn)) {
    return MakeError("unknown request {}", kind);
  }
  request.kind = static_cast<Request::Kind>(kind);
  if (stop_timeout >= 0) request.stop_timeout = static_cast<int>(stop_timeout);
  return request;
}

std::string EncodeReply(const Reply& reply) {
  WireWriter wire;
  wire.Number(static_cast<int64_t>(reply.kind));
  wire.Number(reply.number);
  wire.Text(reply.message);
  return wire.Take();
}

Result<Reply> DecodeReply(std::string_view bytes) {
  WireReader wire(bytes);
  Reply reply;
  const int64_t kind = wire.Number();
  reply.number = wire.Number();
  reply.message = wire.Text();
  TRY(wire.Finish());
  if (kind < 0 || kind > static_cast<int64_t>(Reply::Kind::kNews)) {
    return MakeError("unknown reply {}", kind);
  }
  reply.kind = static_cast<Reply::Kind>(kind);
  return reply;
}

namespace {

Result<sockaddr_un> SocketAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return MakeError(
        "{} is too long for a socket: {} bytes at the most; choose a shorter --run-dir", path,
        sizeof address.sun_path - 1);
  }
  path.copy(address.sun_path, path.size());
  return address;
}

Result<UniqueFd> Socket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  return socket;
}

}  // namespace

Result<UniqueFd> ListenControl(const std::string& path) {
  const sockaddr_un address = TRY(SocketAddress(path));
  UniqueFd socket = TRY(Socket());
  // The mode of the socket file is that of its descriptor, so it is never open to others.
  if (::fchmod(socket.get(), 0600) < 0) return ErrnoError("chmod {}", path);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return ErrnoError("bind {}", path);
  }
  if (::listen(socket.get(), 64) < 0) return ErrnoError("listen {}", path);
  return socket;
}

Result<UniqueFd> ConnectControl(const std::string& path) {
  const sockaddr_un address = TRY(SocketAddress(path));
  UniqueFd socket = TRY(Socket());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return ErrnoError("connect {}", path);
  }
  return socket;
}

Result<Reply> ReceiveReply(int socket) {
  const FdMessage message = TRY(ReceiveMessage(socket, kMaxControlMessage));
  if (message.closed) return MakeError("the task's shim has ended");
  Reply reply = TRY(DecodeReply(message.bytes));
  if (reply.kind == Reply::Kind::kFailed) {
    return Error(std::move(reply.message), static_cast<int>(reply.number));
  }
  return reply;
}

Result<Reply> Call(int socket, const Request& request, const std::vector<int>& fds) {
  TRY(SendMessage(socket, EncodeRequest(request), fds));
  return ReceiveReply(socket);
}

}  // namespace berth::agent::shim
