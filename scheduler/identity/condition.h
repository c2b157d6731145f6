// The Condition element of a policy: operators on the keys of a request.
#pragma once

#include "scheduler/identity/policy.h"

namespace berth::scheduler {

/// "ForAnyValue:StringLikeIfExists" taken apart. Error: an operator that IAM does not have.
Result<Condition> ParseConditionOperator(std::string_view text);

/// Whether the request meets the condition, whose values have had their variables replaced.
bool Holds(const Condition& condition, const AccessRequest& request);

}  // namespace berth::scheduler
