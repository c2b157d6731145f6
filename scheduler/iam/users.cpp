#include <algorithm>

#include "scheduler/iam/actions.h"
#include "scheduler/iam/new_user.h"
#include "scheduler/iam/xml.h"
#include "scheduler/identity/mint_keys.h"
#include "scheduler/model/arns.h"

namespace berth::scheduler {
namespace {

ecs::ApiError NoSuchUser(const std::string& name) {
  return {"NoSuchEntity", fmt::format("The user with name {} cannot be found.", name), 404};
}

ecs::ApiResult<UserRecord> FindUser(const QueryCall& call, const QueryForm& form,
                                    std::string_view action) {
  const std::string name = API_TRY(form.Require("UserName"));
  const UserRecord* found = call.world.users().Find(name);
  const std::string arn = found == nullptr ? Arns(call.world.identity()).User(name) : found->arn;
  API_TRY(MayDo(call, action, arn));
  if (found == nullptr) return tl::unexpected(NoSuchUser(name));
  return *found;
}

std::string ShowInside(const UserRecord& user) {
  return XmlElement("Path", user.path) + XmlElement("UserName", user.name) +
         XmlElement("UserId", user.id) + XmlElement("Arn", user.arn) +
         XmlElement("CreateDate", XmlTime(user.created));
}

QueryAnswer CreateUser(const QueryCall& call, const QueryForm& form) {
  const std::string name = API_TRY(form.Require("UserName"));
  API_TRY(CheckIamName("UserName", name));
  const std::string path = form.Has("Path") ? form.Get("Path") : "/";
  // A * or ? in an ARN would be a pattern to whoever copies it into a policy.
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    return ::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/_+=,.@-").find(c) != std::string_view::npos;
  });
  if (path.empty() || path.front() != '/' || path.back() != '/' || path.size() > 512 || !plain) {
    return ecs::Refuse("ValidationError",
                       "Path must begin and end with / and have letters, digits and _+=,.@- "
                       "between, not \"{}\"",
                       path);
  }
  const UserRecord user = NewUser(call.world.identity(), name, path, call.now);
  API_TRY(MayDo(call, "iam:CreateUser", user.arn));
  if (call.world.users().Find(name) != nullptr) {
    return tl::unexpected(ecs::ApiError{
        "EntityAlreadyExists", fmt::format("User with name {} already exists.", name), 409});
  }
  call.world.PutUser(user);
  return XmlWrap("User", ShowInside(user));
}

QueryAnswer GetUser(const QueryCall& call, const QueryForm& form) {
  return XmlWrap("User", ShowInside(API_TRY(FindUser(call, form, "iam:GetUser"))));
}

QueryAnswer ListUsers(const QueryCall& call, const QueryForm&) {
  API_TRY(MayDo(call, "iam:ListUsers", "*"));
  std::string members;
  for (const auto& [name, user] : call.world.users().all()) {
    members += XmlWrap("member", ShowInside(user));
  }
  return XmlWrap("Users", members) + XmlElement("IsTruncated", "false");
}

QueryAnswer DeleteUser(const QueryCall& call, const QueryForm& form) {
  const UserRecord user = API_TRY(FindUser(call, form, "iam:DeleteUser"));
  for (const auto& [id, key] : call.world.access_keys().all()) {
    if (key.user != user.name) continue;
    return tl::unexpected(ecs::ApiError{
        "DeleteConflict", "Cannot delete entity, must delete access keys first.", 409});
  }
  if (!user.policies.empty() && !IsAgentPath(user.path)) {
    return tl::unexpected(
        ecs::ApiError{"DeleteConflict", "Cannot delete entity, must delete policies first.", 409});
  }
  call.world.EraseUser(user.name);
  return "";
}

QueryAnswer PutUserPolicy(const QueryCall& call, const QueryForm& form) {
  UserRecord user = API_TRY(FindUser(call, form, "iam:PutUserPolicy"));
  const std::string name = API_TRY(form.Require("PolicyName"));
  API_TRY(CheckIamName("PolicyName", name));
  const std::string document = API_TRY(form.Require("PolicyDocument"));
  API_TRY(CheckPolicyDocument(document));
  API_TRY(PutPolicy(user.policies, {.name = name, .document = document}));
  call.world.PutUser(std::move(user));
  return "";
}

QueryAnswer ListUserPolicies(const QueryCall& call, const QueryForm& form) {
  return PolicyNames(API_TRY(FindUser(call, form, "iam:ListUserPolicies")).policies);
}

QueryAnswer DeleteUserPolicy(const QueryCall& call, const QueryForm& form) {
  UserRecord user = API_TRY(FindUser(call, form, "iam:DeleteUserPolicy"));
  const std::string name = API_TRY(form.Require("PolicyName"));
  if (std::erase_if(user.policies, [&](const auto& own) { return own.name == name; }) == 0) {
    return tl::unexpected(ecs::ApiError{
        "NoSuchEntity", fmt::format("The user policy with name {} cannot be found.", name), 404});
  }
  call.world.PutUser(std::move(user));
  return "";
}

QueryAnswer CreateAccessKey(const QueryCall& call, const QueryForm& form) {
  const UserRecord user = API_TRY(FindUser(call, form, "iam:CreateAccessKey"));
  const AccessKeyRecord key = NewAccessKey(user, call.now);
  call.world.PutAccessKey(key);
  return XmlWrap("AccessKey", XmlElement("UserName", user.name) +
                                  XmlElement("AccessKeyId", key.access_key_id) +
                                  XmlElement("Status", "Active") +
                                  XmlElement("SecretAccessKey", key.secret_access_key) +
                                  XmlElement("CreateDate", XmlTime(key.created)));
}

QueryAnswer ListAccessKeys(const QueryCall& call, const QueryForm& form) {
  const UserRecord user = API_TRY(FindUser(call, form, "iam:ListAccessKeys"));
  std::string members;
  for (const auto& [id, key] : call.world.access_keys().all()) {
    if (key.user != user.name) continue;
    members += XmlWrap("member", XmlElement("UserName", user.name) + XmlElement("AccessKeyId", id) +
                                     XmlElement("Status", key.active ? "Active" : "Inactive") +
                                     XmlElement("CreateDate", XmlTime(key.created)));
  }
  return XmlWrap("AccessKeyMetadata", members) + XmlElement("IsTruncated", "false");
}

QueryAnswer DeleteAccessKey(const QueryCall& call, const QueryForm& form) {
  const UserRecord user = API_TRY(FindUser(call, form, "iam:DeleteAccessKey"));
  const std::string id = API_TRY(form.Require("AccessKeyId"));
  const AccessKeyRecord* key = call.world.access_keys().Find(id);
  if (key == nullptr || key->user != user.name) {
    return tl::unexpected(ecs::ApiError{
        "NoSuchEntity", fmt::format("The Access Key with id {} cannot be found.", id), 404});
  }
  call.world.EraseAccessKey(id);
  return "";
}

}  // namespace

UserRecord NewUser(const IdentityRecord& identity, const std::string& name, const std::string& path,
                   WallTime now) {
  UserRecord user = {.name = name, .path = path, .id = UniqueId("AIDA"), .created = now};
  user.arn = fmt::format("arn:aws:iam::{}:user{}{}", identity.account, path, name);
  if (IsAgentPath(path)) user.policies = {{.name = "agent", .document = kAgentPolicy}};
  return user;
}

AccessKeyRecord NewAccessKey(const UserRecord& user, WallTime now) {
  const ecs::AwsCredentials minted = MintAccessKey();
  return {.access_key_id = minted.access_key_id,
          .secret_access_key = minted.secret_access_key,
          .user = user.name,
          .created = now};
}

const QueryActions& UserActions() {
  static const QueryActions kActions = {
      {"CreateAccessKey", CreateAccessKey},
      {"CreateUser", CreateUser},
      {"DeleteAccessKey", DeleteAccessKey},
      {"DeleteUser", DeleteUser},
      {"DeleteUserPolicy", DeleteUserPolicy},
      {"GetUser", GetUser},
      {"ListAccessKeys", ListAccessKeys},
      {"ListUserPolicies", ListUserPolicies},
      {"ListUsers", ListUsers},
      {"PutUserPolicy", PutUserPolicy},
  };
  return kActions;
}

}  // namespace berth::scheduler
