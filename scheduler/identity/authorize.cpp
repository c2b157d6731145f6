#include "scheduler/identity/authorize.h"

namespace berth::scheduler {

ecs::ApiResult<void> Authorize(const Principal& caller, AccessRequest request, WallTime now) {
  request.context.emplace("aws:principalarn", caller.arn);
  request.context.emplace("aws:userid", caller.access_key_id);
  if (caller.kind != PrincipalKind::kRole) request.context.emplace("aws:username", caller.name);
  request.context.emplace("aws:currenttime", FormatTime(now).substr(0, 19) + "Z");
  request.context.emplace(
      "aws:epochtime",
      std::to_string(
          std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()));
  const Decision decision = Evaluate(caller.policies, request);
  if (decision == Decision::kAllow) return {};
  const std::string_view why = decision == Decision::kExplicitDeny
                                   ? "with an explicit deny in an identity-based policy"
                                   : "because no identity-based policy allows the";
  if (decision == Decision::kExplicitDeny) {
    return ecs::Refuse("AccessDeniedException",
                       "User: {} is not authorized to perform: {} on resource: {} {}", caller.arn,
                       request.action, request.resource, why);
  }
  return ecs::Refuse("AccessDeniedException",
                     "User: {} is not authorized to perform: {} on resource: {} {} {} action",
                     caller.arn, request.action, request.resource, why, request.action);
}

}  // namespace berth::scheduler
