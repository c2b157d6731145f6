#include "base/http/dial.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <vector>

#include "base/text.h"

namespace berth::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Descriptor = asio::posix::stream_descriptor;

// Belongs to whoever dials: every step under way holds it weakly.
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  Dialer(IoLoop& loop, const Url& to, const DialOptions& options,
         std::function<void(Result<std::shared_ptr<Transport>>)> done)
      : loop_(loop),
        to_(to),
        timeout_(options.timeout),
        done_(std::move(done)),
        resolver_(loop.context()) {
    if (to.scheme == Url::Scheme::kHttps && options.tls != nullptr) tls_ = *options.tls;
  }
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer() {
    if (transport_) transport_->Close();  // a handshake under way keeps it alive
  }

  void LookUp() {
    boost::system::error_code no_address;
    const auto address = asio::ip::make_address(to_.host, no_address);
    if (!no_address) {
      const uint16_t port = ParseInteger<uint16_t>(to_.port).value_or(0);
      addresses_ = {Tcp::endpoint(address, port)};
      // Not now: nothing may be called back before the caller has got hold of us.
      return loop_.Post(Weakly([](Dialer& self) { self.ConnectToNext(); }));
    }
    SetDeadline(fmt::format("look up {}", to_.host));
    resolver_.async_resolve(
        to_.host, to_.port,
        [weak = weak_from_this()](const boost::system::error_code& error, const auto& found) {
          if (const auto self = weak.lock()) self->OnAddresses(error, found);
        });
  }

 private:
  void OnAddresses(const boost::system::error_code& error,
                   const Tcp::resolver::results_type& found) {
    if (!done_) return;  // too late
    if (error) {
      const bool passing = error == asio::error::host_not_found_try_again;
      return Fail(Error(fmt::format("look up {}: {}", to_.host, error.message()),
                        passing ? EAGAIN : EHOSTUNREACH));
    }
    for (const auto& entry : found) addresses_.push_back(entry.endpoint());
    ConnectToNext();
  }

  void ConnectToNext() {
    const Tcp::endpoint& address = addresses_[next_++];
    deadline_ = loop_.After(timeout_, Weakly([](Dialer& self) { self.OnConnected(ETIMEDOUT); }));
    UniqueFd socket(::socket(address.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                             IPPROTO_TCP));
    if (!socket) return OnConnected(errno);
    if (::connect(socket.get(), address.data(), static_cast<socklen_t>(address.size())) != 0 &&
        errno != EINPROGRESS) {
      return OnConnected(errno);
    }
    connecting_.emplace(loop_.context(), socket.Release());
    connecting_->async_wait(Descriptor::wait_write, [weak = weak_from_this()](
                                                        const boost::system::error_code& aborted) {
      const auto self = weak.lock();
      if (!self || aborted) return;
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(self->connecting_->native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
      self->OnConnected(error);
    });
  }

  void OnConnected(int error) {
    if (error != 0) {
      connecting_.reset();
      if (next_ < addresses_.size()) return ConnectToNext();
      return Fail(
          Error(fmt::format("connect to {}: {}", to_.Authority(), ErrnoMessage(error)), error));
    }
    UniqueFd socket(connecting_->release());
    connecting_.reset();
    if (to_.scheme == Url::Scheme::kHttp) {
      return Finish(Transport::Make(loop_, std::move(socket), nullptr));
    }
    if (!tls_) return Fail(MakeError("TLS with {}: not prepared", to_.Authority()));
    auto session = tls_->Connect(socket.get(), to_.host);
    if (!session) return Fail(std::move(session).error());
    transport_ = Transport::Make(loop_, std::move(socket), std::move(*session));
    Handshake();
  }

  void Handshake() {
    SetDeadline(fmt::format("TLS with {}", to_.Authority()));
    transport_->Handshake([weak = weak_from_this()](Result<void> agreed) {
      const auto self = weak.lock();
      if (!self || !self->transport_) return;
      if (agreed) return self->Finish(std::exchange(self->transport_, nullptr));
      self->Fail(std::move(agreed).Context("TLS with {}", self->to_.Authority()).error());
    });
  }

  void SetDeadline(std::string what) {
    deadline_ = loop_.After(timeout_, Weakly([what = std::move(what)](Dialer& self) {
                              self.Fail(Error(fmt::format("{}: timed out", what), ETIMEDOUT));
                            }));
  }

  // Nothing of what was under way calls back any more.
  void Finish(Result<std::shared_ptr<Transport>> result) {
    deadline_.Cancel();
    resolver_.cancel();
    connecting_.reset();
    if (const auto unused = std::exchange(transport_, nullptr)) unused->Close();
    if (done_) std::exchange(done_, nullptr)(std::move(result));
  }
  void Fail(Error error) { Finish(std::move(error)); }

  template <typename Work>
  std::function<void()> Weakly(Work work) {
    return [weak = weak_from_this(), work = std::move(work)] {
      if (const auto self = weak.lock()) work(*self);
    };
  }

  IoLoop& loop_;
  Url to_;
  std::chrono::milliseconds timeout_;
  std::optional<TlsContext> tls_;
  std::function<void(Result<std::shared_ptr<Transport>>)> done_;

  Tcp::resolver resolver_;
  std::vector<Tcp::endpoint> addresses_;
  size_t next_ = 0;
  std::optional<Descriptor> connecting_;
  std::shared_ptr<Transport> transport_;
  Timer deadline_;
};

}  // namespace

std::shared_ptr<void> Dial(IoLoop& loop, const Url& to, const DialOptions& options,
                           std::function<void(Result<std::shared_ptr<Transport>>)> done) {
  auto dialer = std::make_shared<Dialer>(loop, to, options, std::move(done));
  dialer->LookUp();
  return dialer;
}

}  // namespace berth::http
