#include "scheduler/identity/policy.h"

#include <algorithm>

#include "scheduler/identity/condition.h"
#include "scheduler/identity/variables.h"
#include "scheduler/identity/wildcards.h"

namespace berth::scheduler {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(::tolower(c)); });
  return lower;
}

bool MatchesAction(const Statement& statement, std::string_view lower_action) {
  const bool any = std::any_of(
      statement.actions.begin(), statement.actions.end(),
      [&](const std::string& pattern) { return MatchesWildcards(pattern, lower_action); });
  return any != statement.not_actions;
}

bool MatchesResource(const Statement& statement, const Policy& policy,
                     const AccessRequest& request) {
  const auto matches = [&](const std::string& pattern) {
    if (!policy.has_variables) return MatchesArn(pattern, request.resource);
    const auto replaced = ReplaceVariables(pattern, request, ReplacedFor::kPattern);
    return replaced && MatchesArn(*replaced, request.resource);
  };
  const bool any = std::any_of(statement.resources.begin(), statement.resources.end(), matches);
  return any != statement.not_resources;
}

bool ConditionsHold(const Statement& statement, const AccessRequest& request) {
  return std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const Condition& condition) { return Holds(condition, request); });
}

// What the statements that apply come to: a denial, else an allowance, else nothing.
class Verdict {
 public:
  void Add(Statement::Effect effect) {
    const bool deny = effect == Statement::Effect::kDeny;
    if (deny) decision_ = Decision::kExplicitDeny;
    if (!deny && decision_ == Decision::kImplicitDeny) decision_ = Decision::kAllow;
  }
  Decision decision() const { return decision_; }

 private:
  Decision decision_ = Decision::kImplicitDeny;
};

}  // namespace

Decision Evaluate(const std::vector<Policy>& policies, const AccessRequest& request) {
  const std::string action = Lower(request.action);
  Verdict verdict;
  for (const Policy& policy : policies) {
    for (const Statement& statement : policy.statements) {
      if (MatchesAction(statement, action) && MatchesResource(statement, policy, request) &&
          ConditionsHold(statement, request)) {
        verdict.Add(statement.effect);
      }
    }
  }
  return verdict.decision();
}

bool TrustsService(const Policy& trust, std::string_view service, const AccessRequest& request) {
  const std::string principal = fmt::format("Service:{}", service);
  const std::string action = Lower(request.action);
  Verdict verdict;
  for (const Statement& statement : trust.statements) {
    const auto& names = statement.principals;
    const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& each) {
      return each == principal || each == "*";
    });
    if (named && MatchesAction(statement, action) && ConditionsHold(statement, request)) {
      verdict.Add(statement.effect);
    }
  }
  return verdict.decision() == Decision::kAllow;
}

}  // namespace berth::scheduler
