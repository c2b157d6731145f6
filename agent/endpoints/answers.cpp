#include "agent/endpoints/answers.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace berth::agent::endpoints {
namespace {

http::Response PlainAnswer(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::move(body)};
}

}  // namespace

http::Response JsonAnswer(int status, const Json& body) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = DumpJson(body)};
}

http::Response ErrorText(int status, std::string_view text) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = QuoteJson(text)};
}

http::Response PathNotFound() { return PlainAnswer(404, "404 page not found\n"); }

http::Response MethodNotAllowed() { return PlainAnswer(405, "405 method not allowed\n"); }

std::vector<std::string> PathParts(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::vector<std::string> parts = Split(path, '/');
  for (std::string& part : parts) part = http::PercentDecode(part);
  return parts;
}

}  // namespace berth::agent::endpoints
