// ParseBody and FormatBody themselves, for the .cpp files that instantiate them by
// BERTH_ECS_BODY(struct): one file per group of operations, so that none takes long to compile.
#pragma once

#include <functional>
#include <optional>

#include "ecs/api/codec.h"
#include "ecs/read.h"
#include "ecs/write.h"

namespace berth::ecs::api {

/// Parses `json` and has `read` read it; what was wrong with the text or with what was read.
std::optional<ApiError> ReadBody(std::string_view json,
                                 const std::function<void(const JsonReader&)>& read);

template <typename Body>
ApiResult<Body> ParseBody(std::string_view json) {
  Body body;
  auto error = ReadBody(json, [&](const JsonReader& in) { ReadJson(in, body); });
  if (error) return tl::unexpected(*std::move(error));
  return body;
}

template <typename Body>
std::string FormatBody(const Body& body) {
  return ToJson(body, Defaults::kWritten);
}

#define BERTH_ECS_BODY(Body)                                  \
  template ApiResult<Body> ParseBody<Body>(std::string_view); \
  template std::string FormatBody<Body>(const Body&)

}  // namespace berth::ecs::api
