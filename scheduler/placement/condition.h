// Condition: one subject, operator and argument of the cluster query language.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "scheduler/placement/instance.h"
#include "scheduler/placement/version.h"

namespace re2 {
class RE2;
}

namespace berth::scheduler::placement {

enum class Subject {
  kAttribute,
  kAgentConnected,
  kAgentVersion,
  kEc2InstanceId,
  kRegisteredAt,
  kRunningTasksCount,
  kTaskGroup,
};

enum class Operator {
  kEquals,
  kGreaterThan,
  kGreaterThanEqual,
  kLessThan,
  kLessThanEqual,
  kExists,
  kIn,
  kMatches,
};

/// What a subject is compared to, in its kind: a time is in seconds since the epoch.
using Argument = std::variant<std::monostate, int64_t, Version, std::string,
                              std::vector<std::string>, std::shared_ptr<const re2::RE2>>;

struct Condition {
  Subject subject = Subject::kAttribute;
  Name attribute{""};  // kAttribute: its name
  Operator op = Operator::kEquals;
  bool negated = false;  // != of ==, !in of in, ...
  Argument argument;

  bool Holds(const Instance& instance) const;
};

/// Whether the API lets `subject` be asked by `op`.
bool Allows(Subject subject, Operator op);

/// The operators that `subject` allows, for an error: "==, != and in".
std::string OperatorsOf(Subject subject);

/// Reads the one value of a condition. Errors say what was expected: "true or false, not \"x\"".
Result<Argument> ReadArgument(Subject subject, Operator op, std::string_view text);

}  // namespace berth::scheduler::placement
