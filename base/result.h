// Result<T>: a value or the reason why there is none.
#pragma once

#include <cerrno>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/format.h"

namespace berth {

/// Why something failed. Reads outermost first, as `run task web: open /x: No such file or
/// directory`.
class Error {
 public:
  explicit Error(std::string message, int code = 0) : message_(std::move(message)), code_(code) {}

  const std::string& message() const { return message_; }
  /// The errno behind the failure, 0 if there is none.
  int code() const { return code_; }
  bool Is(int code) const { return code_ == code; }

  [[gnu::cold]] Error WithContext(std::string_view context) && {
    message_.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }

 private:
  std::string message_;
  int code_;
};

/// What a function that can fail returns. Must be looked at; `TRY` hands failures on.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}

  /// Puts what was being done in front of the message of a failure; a success passes unchanged.
  template <typename... Args>
  Result Context(fmt::format_string<Args...> text, Args&&... args) && {
    if (*this) [[likely]]
      return std::move(*this);
    return std::move(this->error()).WithContext(fmt::format(text, std::forward<Args>(args)...));
  }

  T Take() && { return std::move(**this); }
  T ValueOr(T other) && { return *this ? std::move(**this) : std::move(other); }
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  using tl::expected<void, Error>::expected;
  Result(Error error) : tl::expected<void, Error>(tl::unexpected<Error>(std::move(error))) {}

  template <typename... Args>
  Result Context(fmt::format_string<Args...> text, Args&&... args) && {
    if (*this) [[likely]]
      return std::move(*this);
    return std::move(this->error()).WithContext(fmt::format(text, std::forward<Args>(args)...));
  }

  void Take() && {}
};

/// A failure told in words alone. (Cold, as are the branches that lead there: the compiler puts
/// them all where they are in nobody's way.)
template <typename... Args>
[[gnu::cold, gnu::noinline]] Error MakeError(fmt::format_string<Args...> text, Args&&... args) {
  return Error(fmt::format(text, std::forward<Args>(args)...));
}

/// A failure of the system call just made: the words, then what errno says.
template <typename... Args>
[[gnu::cold, gnu::noinline]] Error ErrnoError(fmt::format_string<Args...> text, Args&&... args) {
  const int code = errno;  // formatting may change it
  return Error(
      fmt::format("{}: {}", fmt::format(text, std::forward<Args>(args)...), ErrnoMessage(code)),
      code);
}

}  // namespace berth

/// The value of `expr`, or returns its error from the enclosing function. Not for an initialiser in
/// braces, behind its first element: what the elements before it hold would never be let go of.
#define TRY(expr)                                            \
  __extension__({                                            \
    auto try_result_ = (expr);                               \
    if (!try_result_) [[unlikely]]                           \
      return ::berth::Error(std::move(try_result_).error()); \
    std::move(try_result_).Take();                           \
  })
