#include "base/http/message.h"
#include "scheduler/iam/actions.h"
#include "scheduler/iam/xml.h"
#include "scheduler/identity/policy.h"
#include "scheduler/model/arns.h"

namespace berth::scheduler {
namespace {

ecs::ApiResult<RoleRecord> FindRole(const QueryCall& call, const QueryForm& form,
                                    std::string_view action) {
  const std::string name = API_TRY(form.Require("RoleName"));
  API_TRY(MayDo(call, action, Arns(call.world.identity()).Role(name)));
  const RoleRecord* found = call.world.roles().Find(name);
  if (found == nullptr) {
    return tl::unexpected(ecs::ApiError{
        "NoSuchEntity", fmt::format("The role with name {} cannot be found.", name), 404});
  }
  return *found;
}

std::string Show(const RoleRecord& role) {
  return XmlWrap("Role", XmlElement("Path", "/") + XmlElement("RoleName", role.name) +
                             XmlElement("RoleId", role.id) + XmlElement("Arn", role.arn) +
                             XmlElement("CreateDate", XmlTime(role.created)) +
                             XmlElement("AssumeRolePolicyDocument",
                                        http::PercentEncode(role.assume_role_policy_document)) +
                             XmlElement("Description", role.description));
}

QueryAnswer CreateRole(const QueryCall& call, const QueryForm& form) {
  const std::string name = API_TRY(form.Require("RoleName"));
  API_TRY(CheckIamName("RoleName", name));
  const std::string arn = Arns(call.world.identity()).Role(name);
  API_TRY(MayDo(call, "iam:CreateRole", arn));
  const std::string trust = API_TRY(form.Require("AssumeRolePolicyDocument"));
  API_TRY(CheckSize("AssumeRolePolicyDocument", trust, kMostPolicy));
  API_TRY(CheckSize("Description", form.Get("Description"), 1000));
  const auto parsed = ParseTrustPolicy(trust);
  if (!parsed) return ecs::Refuse("MalformedPolicyDocument", "{}", parsed.error().message());
  if (call.world.roles().Find(name) != nullptr) {
    return tl::unexpected(ecs::ApiError{
        "EntityAlreadyExists", fmt::format("Role with name {} already exists.", name), 409});
  }
  const RoleRecord role = {.name = name,
                           .arn = arn,
                           .id = UniqueId("AROA"),
                           .assume_role_policy_document = trust,
                           .description = form.Get("Description"),
                           .created = call.now};
  call.world.PutRole(role);
  return Show(role);
}

QueryAnswer GetRole(const QueryCall& call, const QueryForm& form) {
  return Show(API_TRY(FindRole(call, form, "iam:GetRole")));
}

QueryAnswer ListRoles(const QueryCall& call, const QueryForm&) {
  API_TRY(MayDo(call, "iam:ListRoles", "*"));
  std::string members;
  for (const auto& [name, role] : call.world.roles().all()) {
    // A member is what Role is elsewhere.
    std::string shown = Show(role);
    members += XmlWrap("member", shown.substr(6, shown.size() - 6 - 7));
  }
  return XmlWrap("Roles", members) + XmlElement("IsTruncated", "false");
}

QueryAnswer DeleteRole(const QueryCall& call, const QueryForm& form) {
  const RoleRecord role = API_TRY(FindRole(call, form, "iam:DeleteRole"));
  if (!role.policies.empty()) {
    return tl::unexpected(
        ecs::ApiError{"DeleteConflict", "Cannot delete entity, must delete policies first.", 409});
  }
  call.world.EraseRole(role.name);
  return "";
}

QueryAnswer PutRolePolicy(const QueryCall& call, const QueryForm& form) {
  RoleRecord role = API_TRY(FindRole(call, form, "iam:PutRolePolicy"));
  const std::string name = API_TRY(form.Require("PolicyName"));
  API_TRY(CheckIamName("PolicyName", name));
  const std::string document = API_TRY(form.Require("PolicyDocument"));
  API_TRY(CheckPolicyDocument(document));
  API_TRY(PutPolicy(role.policies, {.name = name, .document = document}));
  call.world.PutRole(std::move(role));
  return "";
}

QueryAnswer GetRolePolicy(const QueryCall& call, const QueryForm& form) {
  const RoleRecord role = API_TRY(FindRole(call, form, "iam:GetRolePolicy"));
  const std::string name = API_TRY(form.Require("PolicyName"));
  for (const NamedPolicy& policy : role.policies) {
    if (policy.name != name) continue;
    return XmlElement("RoleName", role.name) + XmlElement("PolicyName", name) +
           XmlElement("PolicyDocument", http::PercentEncode(policy.document));
  }
  return tl::unexpected(ecs::ApiError{
      "NoSuchEntity", fmt::format("The role policy with name {} cannot be found.", name), 404});
}

QueryAnswer ListRolePolicies(const QueryCall& call, const QueryForm& form) {
  return PolicyNames(API_TRY(FindRole(call, form, "iam:ListRolePolicies")).policies);
}

QueryAnswer DeleteRolePolicy(const QueryCall& call, const QueryForm& form) {
  RoleRecord role = API_TRY(FindRole(call, form, "iam:DeleteRolePolicy"));
  const std::string name = API_TRY(form.Require("PolicyName"));
  if (std::erase_if(role.policies, [&](const auto& own) { return own.name == name; }) == 0) {
    return tl::unexpected(ecs::ApiError{
        "NoSuchEntity", fmt::format("The role policy with name {} cannot be found.", name), 404});
  }
  call.world.PutRole(std::move(role));
  return "";
}

}  // namespace

const QueryActions& RoleActions() {
  static const QueryActions kActions = {
      {"CreateRole", CreateRole},
      {"DeleteRole", DeleteRole},
      {"DeleteRolePolicy", DeleteRolePolicy},
      {"GetRole", GetRole},
      {"GetRolePolicy", GetRolePolicy},
      {"ListRolePolicies", ListRolePolicies},
      {"ListRoles", ListRoles},
      {"PutRolePolicy", PutRolePolicy},
  };
  return kActions;
}

}  // namespace berth::scheduler
