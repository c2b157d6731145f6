// ApiError: how the ECS API says no.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "base/format.h"

namespace berth::ecs {

/// `code` is the name of an error shape of the API ("ClusterNotFoundException"); `status` the HTTP
/// status that it comes with: 400, or 500 if the fault is the server's.
struct ApiError {
  std::string code;
  std::string message;
  int status = 400;
};

/// What an operation answers.
template <typename T>
using ApiResult = tl::expected<T, ApiError>;

template <typename... Args>
tl::unexpected<ApiError> ClientError(fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected(
      ApiError{"ClientException", fmt::format(text, std::forward<Args>(args)...)});
}
template <typename... Args>
tl::unexpected<ApiError> InvalidParameter(fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected(
      ApiError{"InvalidParameterException", fmt::format(text, std::forward<Args>(args)...)});
}
template <typename... Args>
tl::unexpected<ApiError> Refuse(std::string_view code, fmt::format_string<Args...> text,
                                Args&&... args) {
  return tl::unexpected(
      ApiError{std::string(code), fmt::format(text, std::forward<Args>(args)...)});
}

/// For API_TRY.
template <typename T>
T TakeValue(ApiResult<T>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace berth::ecs

/// The value of `expr`, an ApiResult, or returns its error from the enclosing function.
#define API_TRY(expr)                                                                \
  __extension__({                                                                    \
    auto api_try_result_ = (expr);                                                   \
    if (!api_try_result_) return tl::unexpected(std::move(api_try_result_).error()); \
    ::berth::ecs::TakeValue(std::move(api_try_result_));                             \
  })
