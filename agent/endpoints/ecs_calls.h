// EcsCalls: what the agent's endpoints have the ECS API asked. Whoever talks to it implements it.
#pragma once

#include <functional>
#include <string>

#include "ecs/api/tags.h"
#include "ecs/api/task.h"
#include "ecs/api_error.h"
#include "ecs/wire/acs_task.h"

namespace berth::agent::endpoints {

/// Why a call has no answer.
struct CallFailure {
  enum class Kind {
    kRefused,      // the API's own error is in `error`
    kTimedOut,     // no answer within 4 s
    kUnreachable,  // anything else; the words are in `error.message`
  };
  Kind kind = Kind::kUnreachable;
  ecs::ApiError error;
  std::string request_id;  // of the API's answer
};

template <typename T>
using CallDone = std::function<void(tl::expected<T, CallFailure>)>;

/// Each calls `done` once, on the loop's thread, later or at once.
class EcsCalls {
 public:
  virtual ~EcsCalls() = default;

  /// Signed by the container instance's own role.
  virtual void ListTags(const std::string& resource_arn,
                        CallDone<ecs::api::ListTagsForResourceResponse> done) = 0;
  /// Signed by the task's role, as are updates.
  virtual void GetProtection(const ecs::wire::RoleCredentials& signer,
                             const ecs::api::GetTaskProtectionRequest& request,
                             CallDone<ecs::api::TaskProtectionResponse> done) = 0;
  virtual void UpdateProtection(const ecs::wire::RoleCredentials& signer,
                                const ecs::api::UpdateTaskProtectionRequest& request,
                                CallDone<ecs::api::TaskProtectionResponse> done) = 0;
};

}  // namespace berth::agent::endpoints
