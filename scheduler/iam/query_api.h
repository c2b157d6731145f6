// The query APIs of IAM and STS, as far as roles and keys of an installation need them: form bodies
// with Action and Version in, XML out.
//
// Source: IAM API Reference (2010-05-08), STS API Reference (2011-06-15). Error codes are theirs:
// NoSuchEntity, EntityAlreadyExists, MalformedPolicyDocument, ...
#pragma once

#include <string>
#include <string_view>

#include "ecs/api_error.h"
#include "scheduler/identity/principal.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

/// Whether a body looks like one of theirs ("Action=...").
bool IsQuery(std::string_view content_type);

struct QueryCall {
  World& world;
  const Principal& caller;
  WallTime now;
  std::string_view request_id;
};

/// The XML answer: CreateRole, GetRole, ListRoles, DeleteRole, PutRolePolicy, GetRolePolicy,
/// ListRolePolicies, DeleteRolePolicy, CreateUser, GetUser, ListUsers, DeleteUser, PutUserPolicy,
/// ListUserPolicies, DeleteUserPolicy, CreateAccessKey, ListAccessKeys, DeleteAccessKey,
/// GetCallerIdentity. Error: InvalidAction for any other.
ecs::ApiResult<std::string> ServeQuery(const QueryCall& call, std::string_view body);

/// An error as these services write it.
std::string FormatQueryError(const ecs::ApiError& error, std::string_view request_id);

}  // namespace berth::scheduler
