#include "agent/daemon/scheduler_calls.h"

namespace berth::agent {
namespace {

using endpoints::CallDone;
using endpoints::CallFailure;

constexpr std::chrono::seconds kLongest{4};  // ecs-agent's figure

// Whichever comes first, the answer or the end of the time; the other finds nobody waiting.
template <typename T>
class Once {
 public:
  Once(http::IoLoop& loop, CallDone<T> done) : done_(std::move(done)) {
    deadline_ = loop.After(kLongest, [this] {
      Finish(tl::unexpected(CallFailure{.kind = CallFailure::Kind::kTimedOut,
                                        .error = {"", "no answer within 4 s", 0}}));
    });
  }
  void Finish(tl::expected<T, CallFailure> answer) {
    deadline_.Cancel();
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(answer));
  }

 private:
  CallDone<T> done_;
  http::Timer deadline_;
};

template <typename T>
link::Api::Done<T> Within(http::IoLoop& loop, CallDone<T> done) {
  return [once = std::make_shared<Once<T>>(loop, std::move(done))](
             tl::expected<T, link::CallError> answer) {
    if (answer) return once->Finish(*std::move(answer));
    const link::CallError& error = answer.error();
    once->Finish(
        tl::unexpected(CallFailure{.kind = error.timed_out     ? CallFailure::Kind::kTimedOut
                                           : error.unreachable ? CallFailure::Kind::kUnreachable
                                                               : CallFailure::Kind::kRefused,
                                   .error = error.error,
                                   .request_id = error.request_id}));
  };
}

ecs::AwsCredentials ToCredentials(const ecs::wire::RoleCredentials& role) {
  return {.access_key_id = role.accessKeyId,
          .secret_access_key = role.secretAccessKey,
          .session_token = role.sessionToken};
}

}  // namespace

void SchedulerCalls::ListTags(const std::string& resource_arn,
                              CallDone<ecs::api::ListTagsForResourceResponse> done) {
  api_.Call<ecs::api::ListTagsForResourceResponse>(
      "ListTagsForResource", ecs::api::ListTagsForResourceRequest{.resourceArn = resource_arn},
      Within(loop_, std::move(done)));
}

void SchedulerCalls::GetProtection(const ecs::wire::RoleCredentials& signer,
                                   const ecs::api::GetTaskProtectionRequest& request,
                                   CallDone<ecs::api::TaskProtectionResponse> done) {
  api_.CallAs<ecs::api::TaskProtectionResponse>(ToCredentials(signer), "GetTaskProtection", request,
                                                Within(loop_, std::move(done)));
}

void SchedulerCalls::UpdateProtection(const ecs::wire::RoleCredentials& signer,
                                      const ecs::api::UpdateTaskProtectionRequest& request,
                                      CallDone<ecs::api::TaskProtectionResponse> done) {
  api_.CallAs<ecs::api::TaskProtectionResponse>(ToCredentials(signer), "UpdateTaskProtection",
                                                request, Within(loop_, std::move(done)));
}

}  // namespace berth::agent
