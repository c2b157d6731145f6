// Call: one request of the ECS API, authenticated, as an operation sees it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ecs/api_error.h"
#include "scheduler/identity/principal.h"
#include "scheduler/model/arns.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

/// What operations need besides the world; the same for all calls.
struct ApiSettings {
  /// Base URLs that DiscoverPollEndpoint answers: "http://127.0.0.1:8765/acs/".
  std::string acs_endpoint;
  std::string tcs_endpoint;
  /// A random number in [0, 1), a new one each time.
  std::function<double()> random;
};

class Call {
 public:
  Call(World& world, const ApiSettings& settings, const Principal& caller, std::string operation,
       WallTime now)
      : world_(world),
        settings_(settings),
        caller_(caller),
        operation_(std::move(operation)),
        now_(now),
        arns_(world.identity()) {}

  World& world() const { return world_; }
  const ApiSettings& settings() const { return settings_; }
  const Principal& caller() const { return caller_; }
  const std::string& operation() const { return operation_; }
  WallTime now() const { return now_; }
  const Arns& arns() const { return arns_; }

  /// Whether the caller's policies allow this operation on `resource` (an ARN, or "*").
  /// `cluster_arn` is the condition key ecs:cluster; "" where there is none.
  /// Error: AccessDeniedException, in AWS's words.
  ecs::ApiResult<void> May(std::string_view resource, std::string_view cluster_arn = "") const;
  /// The same for another action: "iam:PassRole".
  ecs::ApiResult<void> MayDo(std::string_view action, std::string_view resource,
                             std::string_view cluster_arn = "") const;

  /// The ARN of a role of this installation that is named by its ARN or its name alone.
  std::string RoleArn(std::string_view role) const;
  /// iam:PassRole, whichever way the role is named.
  ecs::ApiResult<void> MayPassRole(std::string_view role) const;

  /// An agent speaks for the instances that it registered, and for no other; other principals for
  /// what their policies say. Error: AccessDeniedException.
  ecs::ApiResult<void> MaySpeakFor(const InstanceRecord& instance) const;

  /// The cluster that a request names by name or ARN; "default" if by nothing.
  /// Error: ClusterNotFoundException, also for one that is INACTIVE.
  ecs::ApiResult<const ClusterRecord*> FindCluster(const std::optional<std::string>& name) const;

 private:
  World& world_;
  const ApiSettings& settings_;
  const Principal& caller_;
  std::string operation_;
  WallTime now_;
  Arns arns_;
};

}  // namespace berth::scheduler
