// Whether a principal may do something, and the words in which it is told that it may not.
#pragma once

#include "base/time.h"
#include "ecs/api_error.h"
#include "scheduler/identity/policy.h"
#include "scheduler/identity/principal.h"

namespace berth::scheduler {

/// Error: AccessDeniedException. The condition keys that every request has are added:
/// aws:PrincipalArn (of a session, its role's), aws:PrincipalAccount, aws:PrincipalType,
/// aws:userid, aws:username (of users), aws:SourceIp (where it is known), aws:CurrentTime,
/// aws:EpochTime.
ecs::ApiResult<void> Authorize(const Principal& caller, AccessRequest request, WallTime now);

}  // namespace berth::scheduler
