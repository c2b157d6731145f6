// For the tests: a catalog of two tasks, and an ECS API that answers what it is told to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/endpoints/audit_log.h"
#include "agent/endpoints/ecs_calls.h"
#include "agent/endpoints/metadata.h"
#include "agent/endpoints/task_catalog.h"
#include "base/json.h"

namespace berth::agent::endpoints {

constexpr const char* kWebArn = "arn:aws:ecs:us-east-1:123456789012:task/default/aaaa";
constexpr const char* kHostArn = "arn:aws:ecs:us-east-1:123456789012:task/default/bbbb";
constexpr const char* kInstanceArn =
    "arn:aws:ecs:us-east-1:123456789012:container-instance/default/cccc";
constexpr const char* kWebAddress = "10.20.0.5";
constexpr const char* kOtherAddress = "10.20.0.6";  // of no task that has what is asked for
constexpr const char* kHostAddress = "169.254.170.2";

/// A task in awsvpc mode with all there can be, its containers "web" (endpoint id "web-id") and
/// "log" ("log-id"), which is pulled but not made.
EndpointTask WebTask();
/// A task in host mode with the one container "agent" ("host-id").
EndpointTask HostTask();

class TestCatalog : public TaskCatalog {
 public:
  TestCatalog();

  AgentInfo Agent() const override { return agent; }
  std::vector<TaskPointer> Tasks() const override { return tasks; }
  std::optional<FoundContainer> FindByEndpointId(std::string_view id) const override;
  TaskPointer FindByAddress(net::Ipv4 address) const override;
  std::optional<FoundCredentials> FindByCredentialsId(std::string_view id) const override;

  /// Replaces the task of that ARN, or adds it.
  void Put(const EndpointTask& task);

  AgentInfo agent;
  std::vector<TaskPointer> tasks;
  std::map<std::string, std::string> arns_by_address;
  std::map<std::string, FoundCredentials, std::less<>> credentials;
};

class TestCalls : public EcsCalls {
 public:
  void ListTags(const std::string& arn,
                CallDone<ecs::api::ListTagsForResourceResponse> done) override;
  void GetProtection(const ecs::wire::RoleCredentials& signer,
                     const ecs::api::GetTaskProtectionRequest& request,
                     CallDone<ecs::api::TaskProtectionResponse> done) override;
  void UpdateProtection(const ecs::wire::RoleCredentials& signer,
                        const ecs::api::UpdateTaskProtectionRequest& request,
                        CallDone<ecs::api::TaskProtectionResponse> done) override;

  std::vector<std::string>
      calls;  // "ListTags ARN", "UpdateProtection KEY CLUSTER ARN true 60", ...
  std::map<std::string, std::vector<ecs::Tag>> tags;  // of an ARN; absent: the call fails
  tl::expected<ecs::api::TaskProtectionResponse, CallFailure> protection;
};

/// What the endpoints answer to a request, which must come at once.
struct Answered {
  int status = 0;
  std::string body;
  std::string content_type;
  Json Body() const;
};
http::Request Get(const std::string& target, const std::string& from);
/// By way of AnswerMetadata.
Answered AskMetadata(const MetadataSources& sources, const std::string& target,
                     const std::string& from = kWebAddress);
Answered ToAnswered(const http::Response& response);

}  // namespace berth::agent::endpoints
