// HTTP/1.1 messages as data (RFC 9110, RFC 9112).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::http {

/// Header fields in the order of the message. A name may occur more than once; its case is kept and
/// does not matter.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  using value_type = Field;
  using const_iterator = std::vector<Field>::const_iterator;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void Add(std::string name, std::string value);
  /// In place of every field of that name.
  void Set(std::string name, std::string value);
  /// The value of the first field of that name.
  std::optional<std::string_view> Find(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method = "GET";
  /// As in the request line: path and query, still percent-encoded.
  std::string target = "/";
  Headers headers;
  std::string body;
  /// Of who sent it, on the server's side: "10.0.0.7", without the port.
  std::string peer_address;

  /// The target up to "?", and what is behind it.
  std::string_view Path() const;
  std::string_view Query() const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

/// The pairs of a query string or a form body, decoded ("+" is a space), in their order.
std::vector<std::pair<std::string, std::string>> ParseForm(std::string_view text);
/// Percent-encodes all but A-Z a-z 0-9 - . _ ~ (RFC 3986, unreserved).
std::string PercentEncode(std::string_view text);
/// Undoes it; a "%" without two hexadecimal digits stays as it is.
std::string PercentDecode(std::string_view text);

}  // namespace berth::http
