// What all endpoints answer with.
#pragma once

#include <string_view>

#include "base/http/message.h"
#include "base/json.h"

namespace berth::agent::endpoints {

http::Response JsonAnswer(int status, const Json& body);
/// An error of the metadata endpoints: a string, as JSON.
http::Response ErrorText(int status, std::string_view text);
/// As Go's HTTP server says it, which is what clients of the ECS agent know.
http::Response PathNotFound();
http::Response MethodNotAllowed();

/// What text has between its slashes, decoded: "/v4/a%20b/task" gives "v4", "a b", "task". A slash
/// at the end gives an empty last part.
std::vector<std::string> PathParts(std::string_view path);

}  // namespace berth::agent::endpoints
