// The Container Network Interface (specification 0.3.0 to 1.1.0) as a plugin sees it: what it is
// called with, and how it says that something went wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::net::cni {

/// Codes of failures. Below 100 as the specification has them ("Error"), above ours.
enum class Code {
  kIncompatibleVersion = 1,
  kUnsupportedField = 2,
  kUnknownContainer = 3,
  kInvalidEnvironment = 4,
  kInputOutput = 5,
  kUndecodable = 6,
  kInvalidConfig = 7,
  kTryAgainLater = 11,
  kNotAvailable = 50,
  kFailed = 100,           // the kernel refused, or the state can't be kept
  kAlreadyAttached = 101,  // ADD of what has been added
  kAddressTaken = 102,     // the address that was asked for is another's
  kNotAsAdded = 103,       // CHECK found something missing or changed
};

struct Failure {
  Code code;
  std::string msg;
};

/// A value, or what the runtime is told in its place.
template <typename T>
class [[nodiscard]] Answer : public tl::expected<T, Failure> {
 public:
  using tl::expected<T, Failure>::expected;
  T Take() && { return std::move(**this); }
};
template <>
class [[nodiscard]] Answer<void> : public tl::expected<void, Failure> {
 public:
  using tl::expected<void, Failure>::expected;
  void Take() && {}
};

[[gnu::cold]] tl::unexpected<Failure> Fail(Code code, std::string msg);

/// The versions in which configurations are read and results are written, oldest first.
const std::vector<std::string>& SupportedVersions();
/// Whether `version` (one of the supported) is `least` or later.
bool IsAtLeast(std::string_view version, std::string_view least);

enum class Command { kAdd, kDel, kCheck, kGc, kStatus, kVersion };

/// The environment that the runtime has set.
struct Variables {
  std::string CNI_COMMAND;
  std::string CNI_CONTAINERID;
  std::string CNI_NETNS;
  std::string CNI_IFNAME;
  std::string CNI_ARGS;

  static Variables FromEnvironment();
};

/// What one call is about. Empty where the command has no use for it.
struct Request {
  Command command = Command::kVersion;
  std::string containerId;
  std::string netns;
  std::string ifname;
  std::string args;
};

/// Fails with kInvalidEnvironment, naming each variable that is missing or out of shape.
Answer<Request> ReadRequest(const Variables& variables);

/// What every plugin writes to standard output when it fails.
std::string FormatFailure(std::string_view cni_version, const Failure& failure);
/// The answer to VERSION.
std::string FormatVersions(std::string_view cni_version);

/// Whether a text may be a container's id or a network's name: a letter or digit, then letters,
/// digits, underscores, dots and hyphens.
bool IsCniName(std::string_view text);

}  // namespace berth::net::cni

/// The value of a Result, or returns its error as a Failure with this code.
#define TRY_OR(code, expr)                                                              \
  __extension__({                                                                       \
    auto try_result_ = (expr);                                                          \
    if (!try_result_) [[unlikely]]                                                      \
      return ::berth::net::cni::Fail((code), std::move(try_result_).error().message()); \
    std::move(try_result_).Take();                                                      \
  })

/// The value of an Answer, or returns its failure.
#define TRY_ANSWER(expr)                                     \
  __extension__({                                            \
    auto try_answer_ = (expr);                               \
    if (!try_answer_) [[unlikely]]                           \
      return tl::unexpected(std::move(try_answer_).error()); \
    std::move(try_answer_).Take();                           \
  })
