// Variables of policies, as ${aws:username}.
//
// Source: "IAM policy elements: Variables and tags" in the IAM User Guide.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scheduler/identity/policy.h"

namespace berth::scheduler {

/// What the text is for: in a pattern, what a variable stands for is marked as plain (wildcards.h).
enum class ReplacedFor { kPattern, kText };

/// `text` with ${aws:username}, ${aws:username, 'its default'} and ${*}, ${?}, ${$} replaced.
/// Nothing if a variable has no value, or several, and no default: then it is equal to nothing and
/// like nothing.
std::optional<std::string> ReplaceVariables(std::string_view text, const AccessRequest& request,
                                            ReplacedFor use);

}  // namespace berth::scheduler
