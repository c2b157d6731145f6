#include "scheduler/api/call.h"

#include "scheduler/identity/authorize.h"

namespace berth::scheduler {

ecs::ApiResult<void> Call::May(std::string_view resource, std::string_view cluster_arn) const {
  return MayDo("ecs:" + operation_, resource, cluster_arn);
}

ecs::ApiResult<void> Call::MayDo(std::string_view action, std::string_view resource,
                                 std::string_view cluster_arn) const {
  AccessRequest request = {.action = std::string(action), .resource = std::string(resource)};
  if (!cluster_arn.empty()) request.context.emplace("ecs:cluster", cluster_arn);
  return Authorize(caller_, request, now_);
}

std::string Call::RoleArn(std::string_view role) const {
  return role.starts_with("arn:") ? std::string(role) : arns_.Role(role);
}

ecs::ApiResult<void> Call::MayPassRole(std::string_view role) const {
  return MayDo("iam:PassRole", RoleArn(role));
}

ecs::ApiResult<void> Call::MaySpeakFor(const InstanceRecord& instance) const {
  if (caller_.kind != PrincipalKind::kAgent || instance.registered_by == caller_.arn) return {};
  return ecs::Refuse("AccessDeniedException",
                     "User: {} has not registered container instance {} and can't speak for it",
                     caller_.arn, instance.instance.containerInstanceArn);
}

ecs::ApiResult<const ClusterRecord*> Call::FindCluster(
    const std::optional<std::string>& name) const {
  const std::string_view wanted = name && !name->empty() ? LastPart(*name) : "default";
  const ClusterRecord* found = world_.clusters().Find(wanted);
  const bool other_account =
      name && name->starts_with("arn:") && found != nullptr && *name != found->cluster.clusterArn;
  if (found == nullptr || found->cluster.status != "ACTIVE" || other_account) {
    return ecs::Refuse("ClusterNotFoundException", "Cluster not found.");
  }
  return found;
}

}  // namespace berth::scheduler
