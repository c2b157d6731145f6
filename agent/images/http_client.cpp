#include "agent/images/http_client.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <mutex>

namespace berth::agent::images {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Parser = http::response_parser<http::buffer_body>;

constexpr int kMostRedirects = 10;
constexpr size_t kReadAhead = 256 << 10;
constexpr size_t kLongestHead = 64 << 10;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

int CodeOf(const beast::error_code& error) {
  if (error == beast::error::timeout) return ETIMEDOUT;
  if (error == asio::error::eof || error == http::error::end_of_stream ||
      error == http::error::partial_message || error == asio::ssl::error::stream_truncated) {
    return ECONNRESET;
  }
  if (error == asio::error::host_not_found_try_again) return EAGAIN;
  if (error.category() == asio::error::get_ssl_category()) return EPROTO;
  return error.category() == beast::system_category() ? error.value() : 0;
}

Error ToError(const beast::error_code& error, std::string_view what) {
  const int code = CodeOf(error);
  if (code == ETIMEDOUT) return Error(fmt::format("{}: timed out", what), code);
  if (code == ECONNRESET) return Error(fmt::format("{}: the connection was closed", what), code);
  return Error(fmt::format("{}: {}", what, error.message()), code);
}

// One connection. Its operations are Beast's asynchronous ones, since only they obey timeouts, each
// run to its end on an event loop of the connection's own.
class Connection {
 public:
  Connection(asio::ssl::context& context, const Url& url, const HttpOptions& options)
      : url_(url), options_(options), tls_(loop_, context), plain_(tls_.next_layer()) {
    buffer_.reserve(kReadAhead);  // Beast reads no more at a time than there is room for
  }

  Result<void> Open() {
    beast::error_code error;
    Tcp::resolver resolver(loop_);
    const auto places = resolver.resolve(url_.host, url_.port, error);
    if (error) return ToError(error, fmt::format("look up {}", url_.host));
    error = Await(options_.connect_timeout, [&](beast::error_code& done) {
      plain_.async_connect(places, [&done](beast::error_code code, const auto&) { done = code; });
    });
    if (error) return ToError(error, fmt::format("connect to {}", url_.Authority()));
    plain_.socket().set_option(Tcp::no_delay(true), error);
    if (IsTls()) return Handshake();
    return {};
  }

  Result<void> Write(const http::request<http::empty_body>& request) {
    const auto error = OnStream([&](auto& stream, auto handler) {
      http::async_write(stream, request, std::move(handler));
    });
    if (error) return ToError(error, "send");
    return {};
  }

  Result<void> ReadHead(Parser& parser) {
    const auto error = OnStream([&](auto& stream, auto handler) {
      http::async_read_header(stream, buffer_, parser, std::move(handler));
    });
    if (error) return ToError(error, "receive");
    return {};
  }

  /// Up to a buffer of the body; 0 at its end.
  Result<size_t> ReadBody(Parser& parser, std::span<char> buffer) {
    auto& body = parser.get().body();
    body.data = buffer.data();
    body.size = buffer.size();
    while (!parser.is_done() && body.size == buffer.size()) {
      const auto error = OnStream([&](auto& stream, auto handler) {
        http::async_read_some(stream, buffer_, parser, std::move(handler));
      });
      if (error && error != http::error::need_buffer) return ToError(error, "receive");
    }
    return buffer.size() - body.size;
  }

  const Url& url() const { return url_; }

 private:
  bool IsTls() const { return url_.scheme == Url::Scheme::kHttps; }

  Result<void> Handshake() {
    SSL* ssl = tls_.native_handle();
    beast::error_code error;
    asio::ip::make_address(url_.host, error);
    if (error) {  // a name: addresses are not sent (RFC 6066, 3)
      SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, url_.host.data());
    }
    tls_.set_verify_callback(asio::ssl::host_name_verification(url_.host), error);
    error = Await(options_.connect_timeout, [&](beast::error_code& done) {
      tls_.async_handshake(asio::ssl::stream_base::client,
                           [&done](beast::error_code code) { done = code; });
    });
    if (!error) return {};
    if (const long why = SSL_get_verify_result(ssl); why != X509_V_OK) {
      return Error(fmt::format("the certificate of {} is not trusted: {}", url_.Authority(),
                               X509_verify_cert_error_string(why)),
                   EKEYREJECTED);
    }
    return ToError(error, fmt::format("TLS with {}", url_.Authority()));
  }

  // Starts an operation that ends with (error, size) on whichever stream it is, and waits for it.
  template <typename Start>
  beast::error_code OnStream(Start start) {
    return Await(options_.idle_timeout, [&](beast::error_code& done) {
      const auto handler = [&done](beast::error_code code, size_t) { done = code; };
      if (IsTls()) {
        start(tls_, handler);
      } else {
        start(plain_, handler);
      }
    });
  }

  template <typename Start>
  beast::error_code Await(std::chrono::milliseconds timeout, Start start) {
    beast::error_code done;
    plain_.expires_after(timeout);
    start(done);
    loop_.restart();
    loop_.run();
    return done;
  }

  Url url_;
  HttpOptions options_;
  asio::io_context loop_{1};
  beast::ssl_stream<beast::tcp_stream> tls_;
  beast::tcp_stream& plain_;  // the layer below it; all there is without TLS
  beast::flat_buffer buffer_{kReadAhead};
};

http::request<http::empty_body> MakeRequest(const Url& url, const HttpHeaders& headers) {
  http::request<http::empty_body> request(http::verb::get, url.target, 11);
  request.set(http::field::host, url.Authority());
  request.set(http::field::user_agent, "berth/" BERTH_VERSION);
  for (const auto& [name, value] : headers) request.set(name, value);
  return request;
}

}  // namespace

// What the responses of one client share: connections that are open and idle.
struct HttpClient::State {
  explicit State(const HttpOptions& from)
      : options(from), context(asio::ssl::context::tls_client) {}

  std::unique_ptr<Connection> TakeIdle(const Url& url) {
    const std::lock_guard lock(mutex);
    const auto found =
        std::find_if(idle.begin(), idle.end(), [&](const std::unique_ptr<Connection>& connection) {
          return connection->url().SameOrigin(url);
        });
    if (found == idle.end()) return nullptr;
    std::unique_ptr<Connection> connection = std::move(*found);
    idle.erase(found);
    return connection;
  }

  void PutBack(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(connection));
  }

  HttpOptions options;
  asio::ssl::context context;
  std::mutex mutex;  // of what follows
  std::vector<std::unique_ptr<Connection>> idle;
};

namespace {

template <typename Pool>
class BeastResponse : public HttpResponse {
 public:
  BeastResponse(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection)
      : pool_(std::move(pool)), connection_(std::move(connection)) {
    parser_.header_limit(kLongestHead);
    parser_.body_limit(boost::none);
  }

  Result<void> ReadHead() { return connection_->ReadHead(parser_); }

  int status() const override { return static_cast<int>(parser_.get().result_int()); }
  std::optional<std::string> Header(std::string_view name) const override {
    const auto found = parser_.get().find(beast::string_view(name.data(), name.size()));
    if (found == parser_.get().end()) return std::nullopt;
    return std::string(found->value());
  }

  Result<size_t> Read(std::span<char> buffer) override {
    if (!connection_ || buffer.empty()) return 0;
    const size_t size = TRY(connection_->ReadBody(parser_, buffer));
    if (parser_.is_done() && size == 0) {
      if (parser_.get().keep_alive()) pool_->PutBack(std::move(connection_));
      connection_.reset();
    }
    return size;
  }

 private:
  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Connection> connection_;
  Parser parser_;
};

}  // namespace

HttpClient::HttpClient(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClient> HttpClient::Make(const HttpOptions& options) {
  auto state = std::make_shared<State>(options);
  beast::error_code error;
  state->context.set_verify_mode(asio::ssl::verify_peer, error);
  state->context.set_default_verify_paths(error);
  if (!options.ca_file.empty()) {
    state->context.load_verify_file(options.ca_file, error);
    if (error) return MakeError("read authorities from {}: {}", options.ca_file, error.message());
  }
  return HttpClient(std::move(state));
}

Result<std::unique_ptr<HttpResponse>> HttpClient::GetOnce(const Url& url,
                                                          const HttpHeaders& headers) {
  const auto request = MakeRequest(url, headers);
  for (;;) {
    std::unique_ptr<Connection> connection = state_->TakeIdle(url);
    const bool was_idle = connection != nullptr;
    if (!was_idle) {
      connection = std::make_unique<Connection>(state_->context, url, state_->options);
      TRY(connection->Open());
    }
    Connection& wire = *connection;
    auto response = std::make_unique<BeastResponse<State>>(state_, std::move(connection));
    auto sent = wire.Write(request);
    if (sent) sent = response->ReadHead();
    if (sent) return std::unique_ptr<HttpResponse>(std::move(response));
    // The server may have closed it while it was idle; a new one tells.
    if (!was_idle) return std::move(sent).error();
  }
}

Result<std::unique_ptr<HttpResponse>> HttpClient::Get(const Url& url, const HttpHeaders& headers) {
  Url at = url;
  HttpHeaders sent = headers;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    auto response = TRY(GetOnce(at, sent));
    const auto location = response->Header("Location");
    if (!IsRedirect(response->status()) || !location) return response;
    const Url next = TRY(at.Resolve(*location).Context("redirect"));
    if (at.scheme == Url::Scheme::kHttps && next.scheme == Url::Scheme::kHttp) {
      return MakeError("refused a redirect from https to {}", next.ToString());
    }
    if (!next.SameOrigin(at)) {
      std::erase_if(sent, [](const auto& header) { return header.first == "Authorization"; });
    }
    at = next;
  }
  return MakeError("more than {} redirects", kMostRedirects);
}

}  // namespace berth::agent::images
