#include "base/http/client.h"

#include "base/http/errand.h"
#include "base/http/parser.h"
#include "base/http/serialize.h"
#include "base/http/websocket_stream.h"

namespace berth::http {
namespace {

constexpr size_t kLongestHead = 64 << 10;

std::string OriginOf(const Url& url) {
  return (url.scheme == Url::Scheme::kHttps ? "https://" : "http://") + url.Authority();
}

// One request and its answer.
class Exchange : public Errand {
 public:
  using Done = std::function<void(Result<Response>)>;

  Exchange(const std::shared_ptr<ClientContext>& context, Url to, Request request, Done done)
      : Errand(context, std::move(to)), request_(std::move(request)), done_(std::move(done)) {}

  void Start() override {
    auto text = Serialize(request_, to());
    if (!text) {
      return context()->loop.Post([weak = weak_from_this(), error = text.error()] {
        if (const auto self = weak.lock()) static_cast<Exchange&>(*self).Fail(error);
      });
    }
    text_ = std::move(*text);
    request_.body.clear();
    auto kept = context()->pool->Take(OriginOf(to()));
    if (!kept) return Connect();
    was_kept_ = true;
    Use(std::move(kept));
  }

  void Abandon() override {
    Errand::Abandon();
    done_ = nullptr;
    if (const auto unused = std::exchange(connection_, nullptr)) unused->Close();
  }

 private:
  void OnTransport(std::shared_ptr<Transport> transport) override {
    was_kept_ = false;
    Use(ClientConnection::Make(std::move(transport)));
  }

  void Use(std::shared_ptr<ClientConnection> connection) {
    connection_ = std::move(connection);
    parser_.emplace(ParserLimits{kLongestHead, context()->options.max_body}, request_.method);
    connection_->SetReceiver([weak = weak_from_this()](int error, std::string_view data) {
      const auto self = weak.lock();
      if (self) static_cast<Exchange&>(*self).OnInput(error, data);
    });
    connection_->Write(text_);
  }

  void OnInput(int error, std::string_view data) {
    if (error != 0 || data.empty()) return OnEnd(error);
    has_answer_ = true;
    input_ += data;
    Parsed parsed = parser_->Parse(input_);
    if (parsed == Parsed::kHead) parsed = parser_->Parse(input_);
    switch (parsed) {
      case Parsed::kPart:
      case Parsed::kHead:
        return;
      case Parsed::kAll:
        return Succeed();
      case Parsed::kMalformed:
        return Fail(Error("the answer is not HTTP", EPROTO));
      case Parsed::kHeadTooLarge:
      case Parsed::kBodyTooLarge:
        return Fail(Error("the answer is too large", EMSGSIZE));
    }
  }

  void OnEnd(int error) {
    if (error == 0 && has_answer_ && parser_->EndsHere()) return Succeed();
    std::exchange(connection_, nullptr)->Close();
    // The server closed it just when we wrote; it has not seen the request.
    if (was_kept_ && !has_answer_) return Connect();
    Fail(
        Error(error == 0 || error == ECONNRESET ? "the connection was closed" : ErrnoMessage(error),
              error == 0 ? ECONNRESET : error));
  }

  void Succeed() {
    const auto connection = std::exchange(connection_, nullptr);
    if (parser_->keep_alive() && input_.empty() && !connection->is_writing()) {
      context()->pool->Keep(OriginOf(to()), connection);
    } else {
      connection->Close();
    }
    Finish(std::move(*parser_).Take());
  }

  void Fail(Error error) override {
    Finish(std::move(error).WithContext(
        fmt::format("{} {}{}", request_.method, OriginOf(to()), request_.target)));
  }

  void Finish(Result<Response> result) {
    const auto self = shared_from_this();
    const Done done = std::move(done_);
    Leave();
    if (done) done(std::move(result));
  }

  Request request_;
  std::string text_;  // the request as it is sent, perhaps twice
  Done done_;
  std::shared_ptr<ClientConnection> connection_;
  bool was_kept_ = false;    // the connection is one that has served before
  bool has_answer_ = false;  // a part of it at least
  std::optional<ResponseParser> parser_;
  std::string input_;
};

// One request for a WebSocket.
class Opening : public Errand {
 public:
  using Done = std::function<void(Result<WebSocketAnswer>)>;

  Opening(const std::shared_ptr<ClientContext>& context, Url to, Headers headers,
          WebSocketLimits limits, Done done)
      : Errand(context, std::move(to)),
        headers_(std::move(headers)),
        limits_(limits),
        done_(std::move(done)) {}

  void Start() override { Connect(); }

  void Abandon() override {
    Errand::Abandon();
    done_ = nullptr;
    if (const auto unused = std::exchange(transport_, nullptr)) unused->Close();
  }

 private:
  void OnTransport(std::shared_ptr<Transport> transport) override {
    const Request request = {.target = to().target, .headers = headers_};
    if (const auto text = Serialize(request, to()); !text) return Fail(text.error());
    transport_ = transport;
    RequestWebSocket(context()->loop, {.transport = std::move(transport), .limits = limits_},
                     request, to().Authority(),
                     [weak = weak_from_this()](Result<WebSocketAnswer> answer) {
                       const auto self = weak.lock();
                       if (self) static_cast<Opening&>(*self).OnAnswer(std::move(answer));
                     });
  }

  void OnAnswer(Result<WebSocketAnswer> answer) {
    if (!answer) return Fail(std::move(answer).error());
    if (answer->socket) transport_ = nullptr;  // is the socket's now
    Finish(std::move(answer));
  }

  void Fail(Error error) override {
    Finish(std::move(error).WithContext("open a WebSocket with " + to().ToString()));
  }

  void Finish(Result<WebSocketAnswer> result) {
    const auto self = shared_from_this();
    const Done done = std::move(done_);
    Leave();
    if (done) done(std::move(result));
  }

  Headers headers_;
  WebSocketLimits limits_;
  Done done_;
  std::shared_ptr<Transport> transport_;
};

}  // namespace

struct Client::State {
  State(IoLoop& loop, const ClientOptions& options)
      : context(std::make_shared<ClientContext>(loop, options)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { context->AbandonAll(); }

  std::shared_ptr<ClientContext> context;
};

Client::Client(IoLoop& loop, const ClientOptions& options)
    : state_(std::make_unique<State>(loop, options)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::Send(const Url& to, Request request, std::function<void(Result<Response>)> done) {
  const auto context = state_->context;
  context->Begin(std::make_shared<Exchange>(context, to, std::move(request), std::move(done)));
}

void Client::OpenWebSocket(const Url& to, Headers headers, WebSocketLimits limits,
                           std::function<void(Result<WebSocketAnswer>)> done) {
  const auto context = state_->context;
  context->Begin(
      std::make_shared<Opening>(context, to, std::move(headers), limits, std::move(done)));
}

Result<Response> SendAndWait(const Url& to, Request request, const ClientOptions& options) {
  IoLoop loop;
  Client client(loop, options);
  Result<Response> result = MakeError("not sent");
  client.Send(to, std::move(request), [&](Result<Response> response) {
    result = std::move(response);
    loop.Stop();
  });
  loop.Run();
  return result;
}

}  // namespace berth::http
