#include "base/http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <unordered_map>

#include "base/http/connection.h"
#include "base/log.h"

namespace berth::http {
namespace {

// So many are accepted in a row before others get their turn.
constexpr int kMostAtOnce = 64;
constexpr std::chrono::milliseconds kPause{100};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<Address> ParseAddress(const std::string& text, uint16_t port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
  } else {
    return MakeError("\"{}\" is no IP address", text);
  }
  return address;
}

Result<void> SetOption(int socket, int level, int name) {
  const int on = 1;
  if (::setsockopt(socket, level, name, &on, sizeof on) != 0) return ErrnoError("setsockopt");
  return {};
}

Result<UniqueFd> BindAndListen(const ListenOn& where) {
  const Address address = TRY(ParseAddress(where.address, where.port));
  const int family = address.storage.ss_family;
  UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  TRY(SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR));
  if (where.freebind) {
    TRY(family == AF_INET ? SetOption(socket.get(), IPPROTO_IP, IP_FREEBIND)
                          : SetOption(socket.get(), IPPROTO_IPV6, IPV6_FREEBIND));
  }
  if (::bind(socket.get(), address.get(), address.size) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    return Error(ErrnoMessage(errno), errno);
  }
  return socket;
}

Result<UniqueFd> TakeListener(const ListenOn& where) {
  if (where.descriptor < 0) {
    const bool v6 = where.address.find(':') != std::string::npos;
    return BindAndListen(where).Context("listen on {}{}{}:{}", v6 ? "[" : "", where.address,
                                        v6 ? "]" : "", where.port);
  }
  UniqueFd socket(where.descriptor);
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return ErrnoError("listen on descriptor {}", where.descriptor);
  }
  return socket;
}

uint16_t PortOf(int socket) {
  Address address;
  address.size = sizeof address.storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  if (address.storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  }
  if (address.storage.ss_family != AF_INET6) return 0;
  return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
}

}  // namespace

struct Server::State : std::enable_shared_from_this<State> {
  State(UniqueFd from, std::shared_ptr<const ServerContext> with)
      : listener(std::move(from)), context(std::move(with)), port(PortOf(listener.get())) {}

  void WaitForClients() {
    accepting = context->loop.WhenReadable(listener.get(), [this] { AcceptClients(); });
  }

  void AcceptClients() {
    for (int i = 0; i < kMostAtOnce; ++i) {
      UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket) {
        if (connections.size() < context->limits.max_connections) Serve(std::move(socket));
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN) PauseFor(ErrnoMessage(errno));
      return;
    }
  }

  // Without descriptors or memory, the client that waits would wake us again and again.
  void PauseFor(const std::string& reason) {
    log::Warning("accept a connection on port {}: {}", port, reason);
    accepting = context->loop.After(kPause, [this] { WaitForClients(); });
  }

  void Serve(UniqueFd socket) {
    TlsSession session;
    if (context->tls) {
      auto made = context->tls->Accept(socket.get());
      if (!made) return log::Warning("{}", made.error().message());
      session = std::move(*made);
    }
    std::string peer = PeerAddress(socket.get());
    auto transport = Transport::Make(context->loop, std::move(socket), std::move(session));
    const auto connection =
        std::make_shared<ServerConnection>(context, std::move(transport), std::move(peer),
                                           [weak = weak_from_this()](ServerConnection* ended) {
                                             if (const auto self = weak.lock())
                                               self->connections.erase(ended);
                                           });
    connections.emplace(connection.get(), connection);
    connection->Start();
  }

  void Close() {
    accepting.Cancel();
    listener.Reset();
    for (const auto& [key, connection] : std::exchange(connections, {})) connection->Drop();
  }

  UniqueFd listener;
  std::shared_ptr<const ServerContext> context;
  uint16_t port;
  std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> connections;
  Timer accepting;
};

Result<Server> Server::Listen(IoLoop& loop, const ListenOn& where, ServerHandlers handlers,
                              ServerLimits limits) {
  return Start(where, {loop, std::move(handlers), limits, std::nullopt});
}

Result<Server> Server::ListenTls(IoLoop& loop, const ListenOn& where, const ServerTls& tls,
                                 ServerHandlers handlers, ServerLimits limits) {
  auto context = TRY(TlsContext::ForServer(tls.certificate_file, tls.key_file));
  return Start(where, {loop, std::move(handlers), limits, std::move(context)});
}

Result<Server> Server::Start(const ListenOn& where, ServerContext context) {
  auto state = std::make_shared<State>(TRY(TakeListener(where)),
                                       std::make_shared<const ServerContext>(std::move(context)));
  state->WaitForClients();
  return Server(std::move(state));
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;

Server& Server::operator=(Server&& other) noexcept {
  if (state_ && state_ != other.state_) state_->Close();
  state_ = std::move(other.state_);
  return *this;
}

Server::~Server() {
  if (state_) state_->Close();
}

uint16_t Server::port() const { return state_->port; }
size_t Server::connections() const { return state_->connections.size(); }

}  // namespace berth::http
