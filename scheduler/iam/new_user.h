// Users and keys as they are made, by the IAM API and with an installation.
#pragma once

#include <string>
#include <string_view>

#include "scheduler/model/records.h"

namespace berth::scheduler {

/// Users below this path are agents, and get kAgentPolicy.
inline constexpr const char* kAgentPath = "/agents/";
inline bool IsAgentPath(std::string_view path) { return path.starts_with(kAgentPath); }

/// What an agent calls, and nothing else (ecs-agent's managed policy for container instances).
inline constexpr const char* kAgentPolicy =
    R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [)"
    R"("ecs:CreateCluster", "ecs:DeregisterContainerInstance", "ecs:DiscoverPollEndpoint", )"
    R"("ecs:ListTagsForResource", "ecs:Poll", "ecs:RegisterContainerInstance", )"
    R"("ecs:StartTelemetrySession", "ecs:Submit*", "ecs:TagResource", )"
    R"("ecs:UpdateContainerInstancesState"], "Resource": "*"}]})";

/// With the policy of its kind.
UserRecord NewUser(const IdentityRecord& identity, const std::string& name, const std::string& path,
                   WallTime now);

AccessKeyRecord NewAccessKey(const UserRecord& user, WallTime now);

}  // namespace berth::scheduler
