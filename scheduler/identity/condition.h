// The Condition element of a policy: operators on the keys of a request.
//
// Source: "IAM JSON policy elements: Condition operators" in the IAM User Guide.
#pragma once

#include "scheduler/identity/policy.h"

namespace berth::scheduler {

/// "ForAnyValue:StringLikeIfExists" taken apart. Error: an operator that IAM does not have.
Result<Condition> ParseConditionOperator(std::string_view text);

/// Error: a value that the operator can't compare with, as "soon" for DateLessThan.
Result<void> CheckConditionValues(const Condition& condition);

/// Whether the request meets the condition, whose values have been checked. A variable that has no
/// value makes a value that nothing is equal to.
bool Holds(const Condition& condition, const AccessRequest& request);

}  // namespace berth::scheduler
