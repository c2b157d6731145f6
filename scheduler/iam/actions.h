// The actions of query_api.h, by group. Each gives the inside of its Result element.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "scheduler/iam/query_api.h"

namespace berth::scheduler {

/// The parameters of a call; each name once.
class QueryForm {
 public:
  explicit QueryForm(std::string_view body);

  std::string Get(std::string_view name) const;
  bool Has(std::string_view name) const { return fields_.contains(name); }
  /// Error: ValidationError if it is missing or empty.
  ecs::ApiResult<std::string> Require(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

using QueryAnswer = ecs::ApiResult<std::string>;
using QueryAction = QueryAnswer (*)(const QueryCall& call, const QueryForm& form);
using QueryActions = std::map<std::string_view, QueryAction>;

/// roles.cpp
const QueryActions& RoleActions();
/// users.cpp
const QueryActions& UserActions();

/// 1 to 64 letters, digits and _+=,.@- : names of roles, users and policies. Error:
/// ValidationError.
ecs::ApiResult<void> CheckIamName(std::string_view field, std::string_view name);
/// Whether the caller may do "iam:..." to `arn`. Error: AccessDenied.
ecs::ApiResult<void> MayDo(const QueryCall& call, std::string_view action, std::string_view arn);
ecs::ApiResult<void> CheckPolicyDocument(std::string_view document);
/// Error: ValidationError if `text` has more than `most` bytes.
ecs::ApiResult<void> CheckSize(std::string_view field, std::string_view text, size_t most);
/// IAM allows 2,048 characters for all policies of a user and 10,240 for those of a role.
inline constexpr size_t kMostPolicy = 10'240;
inline constexpr size_t kMostPolicies = 102'400;
/// Adds or replaces the one of that name. Error: LimitExceeded.
ecs::ApiResult<void> PutPolicy(std::vector<NamedPolicy>& policies, NamedPolicy policy);
std::string PolicyNames(const std::vector<NamedPolicy>& policies);
/// A unique id as AWS makes them: `prefix` and 17 capital letters and digits.
std::string UniqueId(std::string_view prefix);
/// 2026-11-25T18:00:00Z
std::string XmlTime(std::optional<WallTime> time);

}  // namespace berth::scheduler
