#include "agent/images/http_client.h"

#include <algorithm>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstring>
#include <mutex>

#include "base/http/dial.h"
#include "base/http/io_loop.h"
#include "base/http/tls.h"

namespace berth::agent::images {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using Parser = beast::http::response_parser<beast::http::buffer_body>;

constexpr int kMostRedirects = 10;
constexpr size_t kReadAhead = 256 << 10;
constexpr size_t kLongestHead = 64 << 10;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

// One connection, whose operations each run to their end on an event loop of its own.
class Connection {
 public:
  Connection(const Url& url, const HttpOptions& options) : url_(url), options_(options) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (transport_) transport_->Close();
  }

  /// `tls` may be null unless it is https.
  Result<void> Open(const http::TlsContext* tls) {
    std::optional<Result<std::shared_ptr<http::Transport>>> dialled;
    const auto dialing = http::Dial(loop_, url_, {.timeout = options_.connect_timeout, .tls = tls},
                                    [&](auto transport) {
                                      dialled = std::move(transport);
                                      loop_.Stop();
                                    });
    loop_.Run();
    transport_ = TRY(std::move(*dialled));
    return {};
  }

  Result<void> Write(std::string request) {
    TRY(Await("send", [&](const Done& done) {
      transport_->Write(std::move(request), [done](int code) { done(code, 0); });
    }));
    return {};
  }

  Result<void> ReadHead(Parser& parser) {
    parser.eager(false);
    while (!parser.is_header_done()) {
      if (begin_ == end_) TRY(Fill(parser));
      if (!TRY(Put(parser))) TRY(Fill(parser));
    }
    parser.eager(true);
    return {};
  }

  /// Up to a buffer of the body; 0 at its end.
  Result<size_t> ReadBody(Parser& parser, std::span<char> buffer) {
    auto& body = parser.get().body();
    body.data = buffer.data();
    body.size = buffer.size();
    while (!parser.is_done() && body.size == buffer.size()) {
      if (begin_ == end_) TRY(Fill(parser));
      if (!parser.is_done() && !TRY(Put(parser))) TRY(Fill(parser));
    }
    return buffer.size() - body.size;
  }

  const Url& url() const { return url_; }

 private:
  using Done = std::function<void(int code, size_t size)>;

  // Starts an operation and waits for its end. One that takes too long ends the connection; what it
  // then still does, nobody waits for. Returns how many bytes it has read.
  template <typename Start>
  Result<size_t> Await(std::string_view what, const Start& start) {
    const auto ended = std::make_shared<std::optional<std::pair<int, size_t>>>();
    const auto done = [this, ended](int code, size_t moved) {
      if (*ended) return;
      *ended = {code, moved};
      loop_.Stop();
    };
    const http::Timer deadline = loop_.After(options_.idle_timeout, [done] { done(ETIMEDOUT, 0); });
    start(done);
    loop_.Run();
    const auto [code, moved] = **ended;
    if (code == 0) return moved;
    transport_->Close();
    if (code == ETIMEDOUT) return Error(fmt::format("{}: timed out", what), code);
    return Error(fmt::format("{}: {}", what,
                             code == ECONNRESET ? "the connection was closed" : ErrnoMessage(code)),
                 code);
  }

  // More of what the server sends, behind what there is.
  Result<void> Fill(Parser& parser) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    if (end_ > kLongestHead) return Error("receive: too long a head", EPROTO);
    const size_t size = TRY(Await("receive", [&](const Done& done) {
      transport_->ReadInto({buffer_.get() + end_, kReadAhead}, done);
    }));
    end_ += size;
    if (size > 0) return {};
    beast::error_code code;
    if (parser.got_some()) parser.put_eof(code);
    if (code || !parser.is_done()) return Error("receive: the connection was closed", ECONNRESET);
    return {};
  }

  // Whether the parser could do something with what there is.
  Result<bool> Put(Parser& parser) {
    beast::error_code code;
    const size_t used =
        parser.put(boost::asio::buffer(buffer_.get() + begin_, end_ - begin_), code);
    begin_ += used;
    if (!code || code == error::need_buffer) return true;
    if (code == error::need_more) return used > 0;
    return Error(fmt::format("receive: {}", code.message()), EPROTO);
  }

  Url url_;
  HttpOptions options_;
  http::IoLoop loop_;
  std::shared_ptr<http::Transport> transport_;
  // Of which [begin_, end_) has not been parsed yet: at most part of a head, once more is read.
  std::unique_ptr<char[]> buffer_ =
      std::make_unique_for_overwrite<char[]>(kLongestHead + kReadAhead);
  size_t begin_ = 0;
  size_t end_ = 0;
};

namespace {

std::string MakeRequest(const Url& url, const HttpHeaders& headers) {
  std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: berth/{}\r\n",
                                    url.target, url.Authority(), BERTH_VERSION);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  return request + "\r\n";
}

}  // namespace

// What the responses of one client share: connections that are open and idle.
struct HttpClient::State {
  explicit State(HttpOptions from) : options(std::move(from)) {}

  /// Reads the authorities when they are needed first: that takes milliseconds.
  Result<const http::TlsContext*> Tls() {
    const std::lock_guard lock(mutex);
    if (!tls) tls = TRY(http::TlsContext::ForClient(options.ca_file));
    return &*tls;
  }

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
  std::mutex mutex;  // of what follows
  std::optional<http::TlsContext> tls;
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
  if (!options.ca_file.empty()) TRY(state->Tls());
  return HttpClient(std::move(state));
}

Result<std::unique_ptr<HttpResponse>> HttpClient::GetOnce(const Url& url,
                                                          const HttpHeaders& headers) {
  const std::string request = MakeRequest(url, headers);
  for (;;) {
    std::unique_ptr<Connection> connection = state_->TakeIdle(url);
    const bool was_idle = connection != nullptr;
    if (!was_idle) {
      const bool secure = url.scheme == Url::Scheme::kHttps;
      const http::TlsContext* tls = secure ? TRY(state_->Tls()) : nullptr;
      connection = std::make_unique<Connection>(url, state_->options);
      TRY(connection->Open(tls));
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
