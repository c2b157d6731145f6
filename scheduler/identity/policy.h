// IAM policy documents: what a principal may do.
//
// Source: "IAM JSON policy elements reference" and "Policy evaluation logic" in the IAM User Guide.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace berth::scheduler {

struct Condition {
  std::string op;   // StringLike, as written but without quantifier and IfExists
  std::string key;  // lower case
  std::vector<std::string> values;
  enum class Quantifier { kNone, kForAnyValue, kForAllValues };
  Quantifier quantifier = Quantifier::kNone;
  bool if_exists = false;
};

struct Statement {
  enum class Effect { kAllow, kDeny };

  std::string sid;
  Effect effect = Effect::kDeny;
  std::vector<std::string> actions;    // lower case, with * and ?
  bool not_actions = false;            // NotAction: all but these
  std::vector<std::string> resources;  // with * and ?
  bool not_resources = false;
  std::vector<std::string> principals;  // of a trust policy: "Service:ecs-tasks.amazonaws.com"
  std::vector<Condition> conditions;
};

struct Policy {
  std::vector<Statement> statements;
  /// Version 2012-10-17: ${aws:username} and the like are replaced.
  bool has_variables = false;
};

/// Errors: the JSON path, and what is allowed there.
Result<Policy> ParsePolicy(std::string_view json);
/// The same for a role's AssumeRolePolicyDocument, whose statements have a Principal and no
/// Resource.
Result<Policy> ParseTrustPolicy(std::string_view json);

/// What is asked for.
struct AccessRequest {
  std::string action;    // ecs:RunTask
  std::string resource;  // ARN, or "*"
  /// Condition keys, as ecs:cluster. Names in lower case.
  std::multimap<std::string, std::string, std::less<>> context;
};

enum class Decision { kImplicitDeny, kExplicitDeny, kAllow };

/// A Deny that matches counts before any Allow; without either the answer is no.
Decision Evaluate(const std::vector<Policy>& policies, const AccessRequest& request);

/// Whether `text` is matched by `pattern`, in which * is any text and ? any character.
bool MatchesWildcards(std::string_view pattern, std::string_view text);

}  // namespace berth::scheduler
