#include "base/http/test_peers.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <future>

#include "base/text.h"

namespace berth::http {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void LimitWaiting(int socket) {
  const timeval limit = {.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

Url ToUrl(const std::string& scheme, uint16_t port, const std::string& target) {
  return *Url::Parse(fmt::format("{}://127.0.0.1:{}{}", scheme, port, target));
}

}  // namespace

TestServer::TestServer(Options options) {
  auto server =
      options.tls
          ? Server::ListenTls(loop_, {}, *options.tls, std::move(options.handlers), options.limits)
          : Server::Listen(loop_, {}, std::move(options.handlers), options.limits);
  if (!server) throw std::runtime_error(server.error().message());
  if (options.tls) scheme_ = "https";
  port_ = server->port();
  server_ = std::move(*server);
  thread_ = std::thread([this] { loop_.Run(); });
}

TestServer::~TestServer() {
  StopServing();
  loop_.Stop();
  thread_.join();
}

Url TestServer::At(const std::string& target) const { return ToUrl(scheme_, port_, target); }

void TestServer::Do(const std::function<void()>& work) {
  std::promise<void> done;
  loop_.Post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void TestServer::StopServing() {
  Do([this] { server_.reset(); });
}

size_t TestServer::Connections() {
  size_t count = 0;
  Do([&] { count = server_->connections(); });
  return count;
}

RawPeer RawPeer::To(uint16_t port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  LimitWaiting(socket.get());
  const sockaddr_in address = Loopback(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "connect: " << ErrnoMessage(errno);
  }
  return RawPeer(std::move(socket));
}

void RawPeer::Send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0) return;  // hung up on: the test sees by what it reads
    text.remove_prefix(static_cast<size_t>(sent));
  }
}

bool RawPeer::Receive() {
  std::array<char, 64 << 10> buffer;
  const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) ADD_FAILURE() << "nothing came; so far: " << received_;
  if (size <= 0) return false;
  received_.append(buffer.data(), static_cast<size_t>(size));
  return true;
}

std::string RawPeer::ReadUntil(std::string_view mark) {
  size_t found = std::string::npos;
  while ((found = received_.find(mark)) == std::string::npos) {
    if (!Receive()) return std::exchange(received_, {});
  }
  return ReadSize(found + mark.size());
}

std::string RawPeer::ReadSize(size_t size) {
  while (received_.size() < size && Receive()) {
  }
  std::string text = received_.substr(0, size);
  received_.erase(0, size);
  return text;
}

std::string RawPeer::ReadToEnd() {
  while (Receive()) {
  }
  return std::exchange(received_, {});
}

std::string RawPeer::ReadResponse() {
  std::string head = ReadUntil("\r\n\r\n");
  constexpr std::string_view kLength = "Content-Length: ";
  const size_t at = head.find(kLength);
  if (at == std::string::npos) return head;
  const std::string_view rest = std::string_view(head).substr(at + kLength.size());
  const auto size = ParseInteger<size_t>(rest.substr(0, rest.find('\r')));
  return head + ReadSize(size.value_or(0));
}

RawServer::RawServer(std::function<void(RawPeer)> serve)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size);
  ::listen(listener_.get(), 16);
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, serve = std::move(serve)] {
    for (;;) {
      UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;  // shut down
      LimitWaiting(client.get());
      serve(RawPeer(std::move(client)));
    }
  });
}

RawServer::~RawServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

Url RawServer::At(const std::string& target) const { return ToUrl("http", port_, target); }

}  // namespace berth::http
