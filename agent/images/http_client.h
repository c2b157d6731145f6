// HttpClient: GET over HTTP/1.1, plain or TLS.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/images/byte_source.h"
#include "base/http/message.h"
#include "base/http/url.h"
#include "base/result.h"

namespace berth::agent::images {

using http::PercentEncode;
using http::Url;

struct HttpOptions {
  std::string ca_file;  // PEM, trusted besides the system's authorities; "" for none
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};  // without any byte from the server
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The answer to a request: its head is there, its body is read as a source. A connection that ends
/// before the body does is an error with ECONNRESET.
class HttpResponse : public ByteSource {
 public:
  virtual int status() const = 0;
  /// A header's value, whatever the case of its name; the first if there are several.
  virtual std::optional<std::string> Header(std::string_view name) const = 0;
};

/// Keeps connections open for the next request to the same place. May be used by several threads;
/// each call blocks the one that makes it.
///
/// The errors' codes: ETIMEDOUT, ECONNRESET and ECONNREFUSED as for sockets, EAI_AGAIN becomes
/// EAGAIN; EPROTO for a server that does not speak TLS, EKEYREJECTED for one whose certificate is
/// not trusted.
class HttpClient {
 public:
  static Result<HttpClient> Make(const HttpOptions& options);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  /// Sends a GET and follows up to ten redirects, never from https to http. An Authorization header
  /// is not sent on to another origin. Any status is a success.
  Result<std::unique_ptr<HttpResponse>> Get(const Url& url, const HttpHeaders& headers);

 private:
  struct State;
  explicit HttpClient(std::shared_ptr<State> state);
  Result<std::unique_ptr<HttpResponse>> GetOnce(const Url& url, const HttpHeaders& headers);

  std::shared_ptr<State> state_;
};

}  // namespace berth::agent::images
