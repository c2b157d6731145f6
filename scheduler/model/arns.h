// The names of this installation's resources, in full and as people shorten them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scheduler/model/records.h"

namespace berth::scheduler {

/// Builds ARNs of the long format: arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID.
class Arns {
 public:
  explicit Arns(const IdentityRecord& identity)
      : account_(identity.account), region_(identity.region) {}

  std::string Cluster(std::string_view name) const;
  std::string Instance(std::string_view cluster, std::string_view id) const;
  std::string Task(std::string_view cluster, std::string_view id) const;
  std::string Container(std::string_view cluster, std::string_view task, std::string_view id) const;
  std::string TaskDefinition(std::string_view family, int64_t revision) const;
  std::string Attachment(std::string_view id) const;
  /// Of what EcsResource gives: "task/default/0af...".
  std::string Resource(std::string_view resource) const;
  std::string Role(std::string_view name) const;
  std::string User(std::string_view name) const;
  /// The availability zone of instances that name none: "us-east-1a".
  std::string Zone() const { return region_ + "a"; }

 private:
  std::string account_;
  std::string region_;
};

/// The last part of an ARN's path, or all of a name that is no ARN: the id of a task or container
/// instance, the name of a cluster or role.
std::string_view LastPart(std::string_view arn_or_name);

/// The resource of an ECS ARN ("task/default/0af..."); nothing if it is none.
std::optional<std::string_view> EcsResource(std::string_view arn);

/// The cluster that a long ARN of a task or container instance names; nothing if it names none.
std::optional<std::string_view> ClusterIn(std::string_view arn);

}  // namespace berth::scheduler
