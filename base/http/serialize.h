// Messages as the bytes that go over the wire (RFC 9112).
#pragma once

#include <string>

#include "base/http/message.h"
#include "base/http/url.h"
#include "base/result.h"

namespace berth::http {

enum class Connection { kKeep, kClose };

/// An answer to a request of `method`, with Date and Content-Length. Fields that could be taken for
/// others (a name that is no token, a line's end in a value) make it a 500: they are a bug of ours.
std::string Serialize(const Response& response, std::string_view method, Connection connection);

/// A request to `to`, whose authority is the Host field unless `request` has one. EINVAL for what
/// can't be written as one.
Result<std::string> Serialize(const Request& request, const Url& to);

/// Whether every name is a token, and no value holds a control character but tab (RFC 9110, 5).
bool AreValid(const Headers& headers);
/// Whether a field of that name lists `token` (RFC 9110, 5.6.1), whatever its case.
bool Lists(const Headers& headers, std::string_view name, std::string_view token);

}  // namespace berth::http
