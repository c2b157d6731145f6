// Registration: this host as a container instance of a cluster.
#pragma once

#include <functional>
#include <string>

#include "agent/engine/task_book.h"
#include "agent/link/api.h"
#include "agent/link/backoff.h"

namespace berth::agent::link {

/// What this build of Berth can do, by the names that task definitions ask for.
std::vector<ecs::api::Attribute> Capabilities();

/// Totals of this host, less what is reserved.
std::vector<ecs::api::Resource> TotalResources(const LinkSettings& settings);

struct RegisteredInstance {
  std::string arn;
  std::vector<ecs::api::Attribute> attributes;
};

class Registration {
 public:
  Registration(http::IoLoop& loop, Api& api, engine::TaskBook& book)
      : loop_(loop), api_(api), book_(book) {}

  /// Registers, or registers again under the ARN of last time; tries on while the scheduler can't
  /// be reached or is busy. `done` is called once, with an error that trying again would not mend:
  /// bad credentials, a cluster that is not there, an answer without what was registered.
  void Begin(std::function<void(Result<RegisteredInstance>)> done);

 private:
  void Try();
  void Answered(tl::expected<ecs::api::ContainerInstanceResponse, CallError> answer);
  void CreateCluster();
  Result<RegisteredInstance> Check(const ecs::api::ContainerInstance& instance) const;

  http::IoLoop& loop_;
  Api& api_;
  engine::TaskBook& book_;
  std::function<void(Result<RegisteredInstance>)> done_;
  ecs::api::RegisterContainerInstanceRequest request_;
  // ecs-agent's figures: 3 s to 192 s.
  Backoff backoff_{{.first = std::chrono::seconds(3), .most = std::chrono::seconds(192)}};
  http::Timer retry_;
};

}  // namespace berth::agent::link
