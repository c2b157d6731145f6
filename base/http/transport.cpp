#include "base/http/transport.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace berth::http {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

constexpr std::chrono::milliseconds kLongestGoodbye{2'000};

// What one try of a system call, or of OpenSSL, came to.
struct Attempt {
  enum class Wait { kNothing, kReadable, kWritable };
  size_t size = 0;
  int error = 0;
  Wait wait = Wait::kNothing;
};

Attempt FromSystem(ssize_t result, Attempt::Wait wait) {
  if (result >= 0) return {.size = static_cast<size_t>(result)};
  if (errno == EAGAIN || errno == EINTR) return {.wait = wait};
  return {.error = errno};
}

Attempt FromTls(SSL* session, int result, size_t size) {
  if (result > 0) return {.size = size};
  const int error = errno;
  switch (SSL_get_error(session, result)) {
    case SSL_ERROR_ZERO_RETURN:
      return {};
    case SSL_ERROR_WANT_READ:
      return {.wait = Attempt::Wait::kReadable};
    case SSL_ERROR_WANT_WRITE:
      return {.wait = Attempt::Wait::kWritable};
    case SSL_ERROR_SYSCALL:
      return {.error = error != 0 ? error : ECONNRESET};
    default: {
      const bool cut = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
      return {.error = cut ? ECONNRESET : EPROTO};
    }
  }
}

// Where reads without a buffer of their own put what has come, until they have handed it on.
std::span<char> Scratch() {
  thread_local std::array<char, 16 << 10> scratch;
  return scratch;
}

void SetOptions(int socket) {
  // Fail on sockets that are not TCP, which do without.
  const auto set = [&](int level, int name, int value) {
    ::setsockopt(socket, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // A peer that vanished from an idle connection is noticed within two minutes.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

class SocketTransport : public Transport, public std::enable_shared_from_this<SocketTransport> {
 public:
  SocketTransport(IoLoop& loop, UniqueFd socket, TlsSession session)
      : loop_(loop), descriptor_(loop.context(), socket.Release()), session_(std::move(session)) {
    SetOptions(descriptor_.native_handle());
  }

  void Handshake(std::function<void(Result<void>)> done) override {
    Try([this] { return TryHandshake(); },
        [this, done = std::move(done)](Attempt attempt) {
          if (attempt.error == 0) return done({});
          const long why = SSL_get_verify_result(session_.get());
          if (attempt.error == EPROTO && why != X509_V_OK) {
            return done(Error(fmt::format("the certificate is not trusted: {}",
                                          X509_verify_cert_error_string(why)),
                              EKEYREJECTED));
          }
          done(Error(attempt.error == EPROTO ? TlsErrorMessage() : ErrnoMessage(attempt.error),
                     attempt.error));
        });
  }

  void Read(std::function<void(int, std::string_view)> done) override {
    Await(
        NextInput(), [this] { return TryRead(Scratch()); },
        [done = std::move(done)](Attempt attempt) {
          done(attempt.error, std::string_view(Scratch().data(), attempt.size));
        });
  }

  void ReadInto(std::span<char> buffer, std::function<void(int, size_t)> done) override {
    Await(
        NextInput(), [this, buffer] { return TryRead(buffer); },
        [done = std::move(done)](Attempt attempt) { done(attempt.error, attempt.size); });
  }

  void WriteSome(std::string_view data, std::function<void(int, size_t)> done) override {
    Try([this, data] { return TryWrite(data); },
        [done = std::move(done)](Attempt attempt) { done(attempt.error, attempt.size); });
  }

  void Write(std::string data, std::function<void(int)> done) override {
    auto rest = std::make_shared<std::pair<std::string, size_t>>(std::move(data), 0);
    Try([this, rest] { return TryWriteAll(*rest); },
        [done = std::move(done)](Attempt attempt) { done(attempt.error); });
  }

  void CloseGently(std::function<void()> closed) override {
    if (descriptor_.is_open()) {
      ERR_clear_error();
      if (session_) SSL_shutdown(session_.get());
      ::shutdown(descriptor_.native_handle(), SHUT_WR);
      goodbye_ = loop_.After(kLongestGoodbye, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->Close();
      });
    }
    Drain(std::move(closed));
  }

  void Close() override {
    goodbye_.Cancel();
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

 private:
  using Trial = std::function<Attempt()>;
  using Done = std::function<void(Attempt)>;

  Attempt TryHandshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    Attempt attempt = FromTls(session_.get(), result, 0);
    // The peer hung up, as one does that dislikes our certificate.
    if (result <= 0 && attempt.error == 0 && attempt.wait == Attempt::Wait::kNothing) {
      attempt.error = ECONNRESET;
    }
    return attempt;
  }

  Attempt TryRead(std::span<char> buffer) {
    if (!session_) {
      return FromSystem(::recv(descriptor_.native_handle(), buffer.data(), buffer.size(), 0),
                        Attempt::Wait::kReadable);
    }
    ERR_clear_error();
    size_t size = 0;
    const int result = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &size);
    return FromTls(session_.get(), result, size);
  }

  Attempt TryWrite(std::string_view data) {
    if (!session_ || data.empty()) {
      return FromSystem(::send(descriptor_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL),
                        Attempt::Wait::kWritable);
    }
    ERR_clear_error();
    size_t size = 0;
    const int result = SSL_write_ex(session_.get(), data.data(), data.size(), &size);
    return FromTls(session_.get(), result, size);
  }

  Attempt TryWriteAll(std::pair<std::string, size_t>& rest) {
    auto& [data, done] = rest;
    while (done < data.size()) {
      const Attempt attempt = TryWrite(std::string_view(data).substr(done));
      if (attempt.error != 0 || attempt.wait != Attempt::Wait::kNothing) return attempt;
      done += attempt.size;
    }
    return {.size = done};
  }

  // Where OpenSSL holds a part of what came, the socket alone may never become readable.
  Attempt::Wait NextInput() const {
    return session_ && SSL_has_pending(session_.get()) == 1 ? Attempt::Wait::kNothing
                                                            : Attempt::Wait::kReadable;
  }

  // Tries at once; the outcome is told later.
  void Try(Trial trial, Done done) {
    if (!descriptor_.is_open()) return Tell({.error = ECANCELED}, std::move(done));
    const Attempt attempt = trial();
    if (attempt.wait == Attempt::Wait::kNothing) return Tell(attempt, std::move(done));
    Await(attempt.wait, std::move(trial), std::move(done));
  }

  void Tell(Attempt attempt, Done done) {
    asio::post(descriptor_.get_executor(),
               [self = shared_from_this(), attempt, done = std::move(done)] { done(attempt); });
  }

  // Waits, tries, and tells the outcome or waits again.
  void Await(Attempt::Wait wait, Trial trial, Done done) {
    auto ready = [self = shared_from_this(), trial = std::move(trial),
                  done = std::move(done)](const boost::system::error_code& error) mutable {
      if (error || !self->descriptor_.is_open()) return done({.error = ECANCELED});
      const Attempt attempt = trial();
      if (attempt.wait == Attempt::Wait::kNothing) return done(attempt);
      self->Await(attempt.wait, std::move(trial), std::move(done));
    };
    if (!descriptor_.is_open() || wait == Attempt::Wait::kNothing) {
      asio::post(descriptor_.get_executor(),
                 [ready = std::move(ready)]() mutable { ready(boost::system::error_code()); });
    } else {
      descriptor_.async_wait(
          wait == Attempt::Wait::kReadable ? Descriptor::wait_read : Descriptor::wait_write,
          std::move(ready));
    }
  }

  void Drain(std::function<void()> closed) {
    const auto drop = [this] {
      return FromSystem(::recv(descriptor_.native_handle(), Scratch().data(), Scratch().size(), 0),
                        Attempt::Wait::kReadable);
    };
    Await(Attempt::Wait::kReadable, drop, [this, closed = std::move(closed)](Attempt attempt) {
      if (attempt.error == 0 && attempt.size > 0) return Drain(closed);
      Close();
      closed();
    });
  }

  IoLoop& loop_;
  Descriptor descriptor_;
  TlsSession session_;
  Timer goodbye_;
};

}  // namespace

std::shared_ptr<Transport> Transport::Make(IoLoop& loop, UniqueFd socket, TlsSession session) {
  return std::make_shared<SocketTransport>(loop, std::move(socket), std::move(session));
}

std::string PeerAddress(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&peer);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (peer.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&peer);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
  }
  const std::string_view address = text.data();
  // As a socket for both families shows IPv4.
  constexpr std::string_view kMapped = "::ffff:";
  return std::string(address.starts_with(kMapped) ? address.substr(kMapped.size()) : address);
}

}  // namespace berth::http
