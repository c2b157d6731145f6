#include "ecs/api/codec.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "ecs/api/body.h"
#include "ecs/api/common_fields.h"

namespace berth::ecs::api {
namespace {

struct ErrorBody {
  std::string type;
  std::string message;
};

void ReadJson(const JsonReader& in, ErrorBody& out) {
  in.Require("__type", out.type);
  in.Read("Message", out.message);
  in.Read("message", out.message);
}

// The bare name of "com.amazonaws.ecs#ClusterNotFoundException:http://...": services decorate it.
std::string BareName(std::string_view type) {
  type = type.substr(0, type.find(':'));
  const size_t hash = type.find('#');
  return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

}  // namespace

std::optional<ApiError> ReadBody(std::string_view json,
                                 const std::function<void(const JsonReader&)>& read) {
  const auto document = ParseJson(json.empty() ? "{}" : json);
  if (!document) return ApiError{"SerializationException", document.error().message()};
  JsonProblems problems(UnknownFields::kIgnored);
  const JsonReader in(*document, problems);
  if (!in.IsObject()) {
    in.Complain(fmt::format("must be an object, not {}", document->type_name()));
  } else {
    read(in);
  }
  if (problems.empty()) return std::nullopt;
  return ApiError{
      problems.has_wrong_types() ? "SerializationException" : "InvalidParameterException",
      Join(problems.all(), "; ")};
}

std::string FormatError(const ApiError& error) {
  return fmt::format(R"({{"__type":{},"message":{}}})", QuoteJson(error.code),
                     QuoteJson(error.message));
}

ApiError ParseError(std::string_view json, int status) {
  ErrorBody body;
  const auto unreadable = ReadBody(json, [&](const JsonReader& in) { ReadJson(in, body); });
  const std::string code = BareName(body.type);
  if (!unreadable && !code.empty()) return {code, body.message, status};
  return {status >= 500 ? "ServerException" : "UnknownError", std::string(json), status};
}

BERTH_ECS_BODY(Empty);

}  // namespace berth::ecs::api
