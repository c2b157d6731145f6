// Peers for tests of HTTP: a server on a thread of its own, and sockets that say anything.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/http/server.h"
#include "base/http/url.h"
#include "base/unique_fd.h"

namespace berth::http {

/// A Server on loopback whose loop runs on another thread, where the handlers are called.
class TestServer {
 public:
  struct Options {
    ServerHandlers handlers;
    ServerLimits limits;
    std::optional<ServerTls> tls;
  };

  explicit TestServer(Options options);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  uint16_t port() const { return port_; }
  Url At(const std::string& target) const;
  IoLoop& loop() { return loop_; }
  /// On the loop; waits until it is done.
  void Do(const std::function<void()>& work);
  /// Drops the server, while the loop runs on.
  void StopServing();
  size_t Connections();

 private:
  IoLoop loop_;
  std::optional<Server> server_;
  uint16_t port_ = 0;
  std::string scheme_ = "http";
  std::thread thread_;
};

/// A blocking socket. What doesn't come within five seconds is a failure of the test.
class RawPeer {
 public:
  explicit RawPeer(UniqueFd socket) : socket_(std::move(socket)) {}
  static RawPeer To(uint16_t port);

  void Send(std::string_view text);
  /// Up to and with `mark`.
  std::string ReadUntil(std::string_view mark);
  std::string ReadSize(size_t size);
  /// Up to the end of the stream, or its reset.
  std::string ReadToEnd();
  /// A response with its body, whose size is in its Content-Length.
  std::string ReadResponse();
  void Close() { socket_.Reset(); }
  int fd() const { return socket_.get(); }

 private:
  bool Receive();

  UniqueFd socket_;
  std::string received_;
};

/// Listens on loopback, and has `serve` talk to each client that comes, one after the other, on a
/// thread of its own.
class RawServer {
 public:
  explicit RawServer(std::function<void(RawPeer)> serve);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  Url At(const std::string& target) const;

 private:
  UniqueFd listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace berth::http
