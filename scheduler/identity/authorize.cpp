#include "scheduler/identity/authorize.h"

#include "base/text.h"

namespace berth::scheduler {
namespace {

std::string AccountOf(const Principal& caller) {
  const std::vector<std::string> parts = Split(caller.arn, ':');
  return parts.size() < 6 ? "" : parts[4];
}

// What policies compare with is the role, not the session: arn:aws:iam::ACCOUNT:role/NAME.
std::string PrincipalArn(const Principal& caller) {
  if (caller.kind != PrincipalKind::kRole) return caller.arn;
  return fmt::format("arn:aws:iam::{}:role/{}", AccountOf(caller), caller.name);
}

void AddGlobalKeys(const Principal& caller, WallTime now, AccessRequest& request) {
  const bool role = caller.kind == PrincipalKind::kRole;
  const auto epoch = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  request.context.emplace("aws:principalarn", PrincipalArn(caller));
  request.context.emplace("aws:principalaccount", AccountOf(caller));
  request.context.emplace("aws:principaltype", role ? "AssumedRole" : "User");
  if (!caller.unique_id.empty()) request.context.emplace("aws:userid", caller.unique_id);
  if (!role) request.context.emplace("aws:username", caller.name);
  if (!caller.source_ip.empty()) request.context.emplace("aws:sourceip", caller.source_ip);
  request.context.emplace("aws:currenttime", FormatTime(now).substr(0, 19) + "Z");
  request.context.emplace("aws:epochtime", std::to_string(epoch));
}

}  // namespace

ecs::ApiResult<void> Authorize(const Principal& caller, AccessRequest request, WallTime now) {
  AddGlobalKeys(caller, now, request);
  const Decision decision = Evaluate(caller.policies, request);
  if (decision == Decision::kAllow) return {};
  const std::string why =
      decision == Decision::kExplicitDeny
          ? "with an explicit deny in an identity-based policy"
          : fmt::format("because no identity-based policy allows the {} action", request.action);
  return ecs::Refuse("AccessDeniedException",
                     "User: {} is not authorized to perform: {} on resource: {} {}", caller.arn,
                     request.action, request.resource, why);
}

}  // namespace berth::scheduler
