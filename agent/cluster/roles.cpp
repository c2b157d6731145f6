#include <unistd.h>

#include <cstdio>

#include "agent/cluster/commands.h"
#include "agent/cluster/iam.h"
#include "base/files.h"

namespace berth::agent::cluster {
namespace {

constexpr const char* kTrust =
    R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", )"
    R"("Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}})";
// The one policy that `berth role create` gives a role.
constexpr const char* kPolicyName = "policy";

Result<std::string> ReadDocument(const std::string& path) {
  if (path == "-") return ReadAll(STDIN_FILENO).Context("standard input");
  return ReadFile(path);
}

Result<void> DropOtherPolicies(const IamClient& iam, const std::string& role) {
  const std::string listed = TRY(iam.Call("ListRolePolicies", {{"RoleName", role}}));
  for (const std::string& policy : XmlTexts(listed, "member")) {
    if (policy == kPolicyName) continue;
    TRY(iam.Call("DeleteRolePolicy", {{"RoleName", role}, {"PolicyName", policy}}));
  }
  return {};
}

}  // namespace

Result<void> CreateRole(const Access& access, const RoleOptions& options) {
  const std::string policy = TRY(ReadDocument(options.policy));
  const IamClient iam = TRY(IamClient::Open(access));
  const auto made = TRY(
      iam.Ask("CreateRole", {{"RoleName", options.name}, {"AssumeRolePolicyDocument", kTrust}}));
  const bool is_new = made.has_value();
  if (!is_new && made.error().code != "EntityAlreadyExists") {
    return MakeError("{}: {}", made.error().code, made.error().message);
  }
  const auto put = iam.Call(
      "PutRolePolicy",
      {{"RoleName", options.name}, {"PolicyName", kPolicyName}, {"PolicyDocument", policy}});
  if (!put) {
    // A role without the policy that was meant for it is not left behind.
    if (is_new) TRY(iam.Call("DeleteRole", {{"RoleName", options.name}}));
    return MakeError("{}: {}", options.policy, put.error().message());
  }
  TRY(DropOtherPolicies(iam, options.name));
  const std::string role = TRY(iam.Call("GetRole", {{"RoleName", options.name}}));
  for (const std::string& arn : XmlTexts(role, "Arn")) std::printf("%s\n", arn.c_str());
  return {};
}

Result<void> ListRoles(const Access& access) {
  const std::string roles = TRY(TRY(IamClient::Open(access)).Call("ListRoles", {}));
  for (const std::string& arn : XmlTexts(roles, "Arn")) std::printf("%s\n", arn.c_str());
  return {};
}

Result<void> DeleteRole(const Access& access, const std::string& name) {
  const IamClient iam = TRY(IamClient::Open(access));
  const std::string policies = TRY(iam.Call("ListRolePolicies", {{"RoleName", name}}));
  for (const std::string& policy : XmlTexts(policies, "member")) {
    TRY(iam.Call("DeleteRolePolicy", {{"RoleName", name}, {"PolicyName", policy}}));
  }
  TRY(iam.Call("DeleteRole", {{"RoleName", name}}));
  return {};
}

Result<void> CreateAgentKey(const Access& access, const std::string& name) {
  const IamClient iam = TRY(IamClient::Open(access));
  const auto made = TRY(iam.Ask("CreateUser", {{"UserName", name}, {"Path", "/agents/"}}));
  if (!made && made.error().code != "EntityAlreadyExists") {
    return MakeError("{}: {}", made.error().code, made.error().message);
  }
  const std::string key = TRY(iam.Call("CreateAccessKey", {{"UserName", name}}));
  const auto ids = XmlTexts(key, "AccessKeyId");
  const auto secrets = XmlTexts(key, "SecretAccessKey");
  if (ids.empty() || secrets.empty()) return MakeError("the answer has no key in it");
  std::printf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
              ids.front().c_str(), secrets.front().c_str());
  return {};
}

}  // namespace berth::agent::cluster
