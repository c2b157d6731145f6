#include "scheduler/identity/policy.h"

#include <algorithm>

#include "scheduler/identity/condition.h"

namespace berth::scheduler {
namespace {

// ${aws:username}, ${ecs:cluster, 'default'}, and ${*}, ${?}, ${$} for the characters themselves. A
// key that the request does not have, or has several values of, leaves the text as it is: it will
// match nothing.
std::string Replace(std::string_view text, const AccessRequest& request) {
  std::string replaced;
  for (;;) {
    const size_t start = text.find("${");
    const size_t end = text.find('}', start == std::string_view::npos ? text.size() : start);
    if (start == std::string_view::npos || end == std::string_view::npos) {
      return replaced.append(text);
    }
    replaced.append(text.substr(0, start));
    std::string key(text.substr(start + 2, end - start - 2));
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(::tolower(c)); });
    const auto [first, last] = request.context.equal_range(key);
    if (first != last && std::next(first) == last) {
      // What was a wildcard in a value is a plain character in a pattern; there is no way to write
      // that, so a value with one matches nothing.
      const bool wild = first->second.find_first_of("*?") != std::string::npos;
      replaced.append(wild ? std::string(1, '\0') : first->second);
    } else {
      replaced.append(text.substr(start, end - start + 1));
    }
    text.remove_prefix(end + 1);
  }
}

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view text,
                const Policy& policy, const AccessRequest& request) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return MatchesWildcards(policy.has_variables ? Replace(pattern, request) : pattern, text);
  });
}

bool ConditionsHold(const Statement& statement, const Policy& policy,
                    const AccessRequest& request) {
  return std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const Condition& condition) {
                       if (!policy.has_variables) return Holds(condition, request);
                       Condition replaced = condition;
                       for (std::string& value : replaced.values) value = Replace(value, request);
                       return Holds(replaced, request);
                     });
}

bool Applies(const Statement& statement, const Policy& policy, const AccessRequest& request,
             std::string_view lower_action) {
  const bool action = std::any_of(
      statement.actions.begin(), statement.actions.end(),
      [&](const std::string& pattern) { return MatchesWildcards(pattern, lower_action); });
  if (action == statement.not_actions) return false;
  const bool resource = MatchesAny(statement.resources, request.resource, policy, request);
  if (resource == statement.not_resources) return false;
  return ConditionsHold(statement, policy, request);
}

}  // namespace

Decision Evaluate(const std::vector<Policy>& policies, const AccessRequest& request) {
  std::string action = request.action;
  std::transform(action.begin(), action.end(), action.begin(),
                 [](unsigned char c) { return static_cast<char>(::tolower(c)); });
  Decision decision = Decision::kImplicitDeny;
  for (const Policy& policy : policies) {
    for (const Statement& statement : policy.statements) {
      if (!Applies(statement, policy, request, action)) continue;
      if (statement.effect == Statement::Effect::kDeny) return Decision::kExplicitDeny;
      decision = Decision::kAllow;
    }
  }
  return decision;
}

// Greedy with one point to return to: linear but for the product of the two lengths at worst.
bool MatchesWildcards(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace berth::scheduler
