// RequestParser and ResponseParser: messages out of a stream of bytes (RFC 9112).
#pragma once

#include <memory>
#include <string>

#include "base/http/message.h"

namespace berth::http {

struct ParserLimits {
  size_t max_header = 32 << 10;
  size_t max_body = 2 << 20;
};

enum class Parsed {
  kPart,  // more bytes are needed
  kHead,  // the head is complete, the body is still to come; told once
  kAll,
  kMalformed,
  kHeadTooLarge,
  kBodyTooLarge,
};

/// Takes one request. Besides what is no HTTP, it refuses what servers and proxies have read
/// differently (RFC 9112, 11.2): more than one Host or none, and any Transfer-Encoding but
/// "chunked". Fields of a trailer are left out.
class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits);
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  ~RequestParser();

  /// Removes from `input` what has been understood; what follows the request stays.
  Parsed Parse(std::string& input);

  /// Once the head is complete.
  const Request& request() const;
  /// Whether another request may follow.
  bool keep_alive() const;
  /// Once all is there.
  Request Take() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Takes one response to a request of `method`; interim ones (1xx) are passed over.
class ResponseParser {
 public:
  ResponseParser(const ParserLimits& limits, std::string_view method);
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;
  ~ResponseParser();

  Parsed Parse(std::string& input);
  /// The stream has ended: whether that is how the response ends, too.
  bool EndsHere();

  bool keep_alive() const;
  Response Take() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::http
