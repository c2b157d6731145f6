// SchedulerCalls: what the agent's endpoints have the scheduler asked, over the agent's own link.
#pragma once

#include "agent/endpoints/ecs_calls.h"
#include "agent/link/api.h"

namespace berth::agent {

class SchedulerCalls : public endpoints::EcsCalls {
 public:
  SchedulerCalls(http::IoLoop& loop, link::Api& api) : loop_(loop), api_(api) {}

  void ListTags(const std::string& resource_arn,
                endpoints::CallDone<ecs::api::ListTagsForResourceResponse> done) override;
  void GetProtection(const ecs::wire::RoleCredentials& signer,
                     const ecs::api::GetTaskProtectionRequest& request,
                     endpoints::CallDone<ecs::api::TaskProtectionResponse> done) override;
  void UpdateProtection(const ecs::wire::RoleCredentials& signer,
                        const ecs::api::UpdateTaskProtectionRequest& request,
                        endpoints::CallDone<ecs::api::TaskProtectionResponse> done) override;

 private:
  http::IoLoop& loop_;
  link::Api& api_;
};

}  // namespace berth::agent
