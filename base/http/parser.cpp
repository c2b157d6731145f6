#include "base/http/parser.h"

#include <strings.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "base/text.h"

namespace berth::http {
namespace {

namespace beast = boost::beast;
using beast::http::error;

Parsed ToParsed(const beast::error_code& code) {
  if (code == error::header_limit) return Parsed::kHeadTooLarge;
  if (code == error::body_limit) return Parsed::kBodyTooLarge;
  return Parsed::kMalformed;
}

std::string ToString(beast::string_view text) { return {text.data(), text.size()}; }

Headers ToHeaders(const beast::http::fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    headers.Add(ToString(field.name_string()), ToString(field.value()));
  }
  return headers;
}

template <typename Parser>
void SetLimits(Parser& parser, const ParserLimits& limits) {
  parser.header_limit(static_cast<uint32_t>(limits.max_header));
  parser.body_limit(limits.max_body);
}

// Lets Beast have `input`, whose heads it takes whole and whose bodies it takes as they come.
template <typename Parser>
Parsed Put(Parser& parser, const ParserLimits& limits, std::string& input) {
  beast::error_code code;
  const bool had_head = parser.is_header_done();
  parser.eager(had_head);
  const size_t used = parser.put(boost::asio::buffer(input), code);
  input.erase(0, used);
  if (code && code != error::need_more) return ToParsed(code);
  if (parser.is_done()) return Parsed::kAll;
  if (!had_head && parser.is_header_done()) return Parsed::kHead;
  // What is left is the beginning of a head, of a chunk's size with its extensions or of a trailer.
  return input.size() > limits.max_header ? Parsed::kHeadTooLarge : Parsed::kPart;
}

bool IsWellFormed(const Request& request, int version) {
  int hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (::strcasecmp(name.c_str(), "Host") == 0) ++hosts;
    if (::strcasecmp(name.c_str(), "Transfer-Encoding") == 0 &&
        (version < 11 || ::strcasecmp(std::string(Trim(value)).c_str(), "chunked") != 0)) {
      return false;
    }
  }
  return hosts == 1 || (hosts == 0 && version < 11);
}

}  // namespace

struct RequestParser::State {
  explicit State(const ParserLimits& from) : limits(from) { SetLimits(parser, from); }

  ParserLimits limits;
  beast::http::request_parser<beast::http::string_body> parser;
  Request request;
  bool has_head = false;
};

RequestParser::RequestParser(const ParserLimits& limits)
    : state_(std::make_unique<State>(limits)) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

Parsed RequestParser::Parse(std::string& input) {
  State& state = *state_;
  const Parsed parsed = Put(state.parser, state.limits, input);
  if (!state.has_head && state.parser.is_header_done()) {
    state.has_head = true;
    const auto& head = state.parser.get();
    state.request.method = ToString(head.method_string());
    state.request.target = ToString(head.target());
    state.request.headers = ToHeaders(head.base());
    if (!IsWellFormed(state.request, static_cast<int>(head.version()))) return Parsed::kMalformed;
  }
  return parsed;
}

const Request& RequestParser::request() const { return state_->request; }

bool RequestParser::keep_alive() const {
  return state_->parser.get().version() >= 11 && state_->parser.keep_alive();
}

Request RequestParser::Take() && {
  state_->request.body = std::move(state_->parser.get().body());
  return std::move(state_->request);
}

struct ResponseParser::State {
  using Parser = beast::http::response_parser<beast::http::string_body>;

  State(const ParserLimits& from, std::string_view method)
      : limits(from), without_body(method == "HEAD") {
    Begin();
  }

  void Begin() {
    parser.emplace();
    SetLimits(*parser, limits);
    parser->skip(without_body);
  }

  ParserLimits limits;
  bool without_body;
  std::optional<Parser> parser;
  Headers headers;
};

ResponseParser::ResponseParser(const ParserLimits& limits, std::string_view method)
    : state_(std::make_unique<State>(limits, method)) {}
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

Parsed ResponseParser::Parse(std::string& input) {
  State& state = *state_;
  for (;;) {
    const bool had_head = state.parser->is_header_done();
    const Parsed parsed = Put(*state.parser, state.limits, input);
    if (parsed > Parsed::kAll) return parsed;
    if (!had_head && state.parser->is_header_done()) {
      state.headers = ToHeaders(state.parser->get().base());
    }
    const unsigned status = state.parser->get().result_int();
    const bool interim = status / 100 == 1 && status != 101;
    if (parsed != Parsed::kAll || !interim) return parsed;
    state.Begin();
    if (input.empty()) return Parsed::kPart;
  }
}

bool ResponseParser::EndsHere() {
  beast::error_code code;
  if (!state_->parser->is_header_done()) return false;
  state_->parser->put_eof(code);
  return !code && state_->parser->is_done();
}

bool ResponseParser::keep_alive() const {
  return !state_->parser->need_eof() && state_->parser->keep_alive();
}

Response ResponseParser::Take() && {
  auto& message = state_->parser->get();
  return {.status = static_cast<int>(message.result_int()),
          .headers = std::move(state_->headers),
          .body = std::move(message.body())};
}

}  // namespace berth::http
