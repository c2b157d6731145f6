#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "scheduler/identity/condition.h"
#include "scheduler/identity/policy.h"

namespace berth::scheduler {
namespace {

enum class PolicyKind { kIdentity, kTrust };

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(::tolower(c)); });
  return text;
}

// Text, or a list of texts: IAM takes either.
std::vector<std::string> ReadTexts(const JsonReader& in) {
  if (in.IsString()) return {in.String()};
  std::vector<std::string> texts;
  for (const JsonReader& item : in.Items()) texts.push_back(item.String());
  return texts;
}

// The values of a condition may be numbers and booleans as well.
std::vector<std::string> ReadValues(const JsonReader& in) {
  const auto one = [](const JsonReader& value) -> std::string {
    if (value.IsString()) return value.String();
    if (value.IsBoolean()) return value.Boolean() ? "true" : "false";
    return fmt::format("{}", value.Number());
  };
  if (!in.IsArray()) return {one(in)};
  std::vector<std::string> values;
  for (const JsonReader& item : in.Items()) values.push_back(one(item));
  return values;
}

void ReadConditions(const JsonReader& in, Statement& out) {
  for (const auto& [op, keys] : in.Fields()) {
    const auto parsed = ParseConditionOperator(op);
    if (!parsed) {
      keys.Complain(parsed.error().message());
      continue;
    }
    for (const auto& [key, values] : keys.Fields()) {
      Condition condition = *parsed;
      condition.key = Lower(key);
      condition.values = ReadValues(values);
      out.conditions.push_back(std::move(condition));
    }
  }
}

void ReadActions(const JsonReader& in, Statement& out) {
  const auto actions = in.Find("Action");
  const auto others = in.Find("NotAction");
  if (actions.has_value() == others.has_value()) {
    in.Complain("must have one of Action and NotAction");
    return;
  }
  out.not_actions = others.has_value();
  const JsonReader& list = actions ? *actions : *others;
  for (std::string& action : ReadTexts(list)) {
    if (action != "*" && action.find(':') == std::string::npos) {
      list.Complain(fmt::format("must be * or SERVICE:ACTION, as ecs:RunTask, not \"{}\"", action));
    }
    out.actions.push_back(Lower(std::move(action)));
  }
}

void ReadResources(const JsonReader& in, Statement& out) {
  const auto resources = in.Find("Resource");
  const auto others = in.Find("NotResource");
  if (resources.has_value() == others.has_value()) {
    in.Complain("must have one of Resource and NotResource");
    return;
  }
  out.not_resources = others.has_value();
  const JsonReader& list = resources ? *resources : *others;
  for (std::string& resource : ReadTexts(list)) {
    if (resource != "*" && !resource.starts_with("arn:")) {
      list.Complain(fmt::format("must be * or an ARN, not \"{}\"", resource));
    }
    out.resources.push_back(std::move(resource));
  }
}

void ReadPrincipals(const JsonReader& in, Statement& out) {
  const auto principal = in.Find("Principal");
  if (!principal) {
    in.Complain("must have a Principal, as {\"Service\": \"ecs-tasks.amazonaws.com\"}");
    return;
  }
  if (principal->IsString()) {
    out.principals.push_back(principal->String());
    return;
  }
  for (const auto& [kind, names] : principal->Fields()) {
    for (const std::string& name : ReadTexts(names)) out.principals.push_back(kind + ":" + name);
  }
}

Statement ReadStatement(const JsonReader& in, PolicyKind kind) {
  Statement statement;
  in.Read("Sid", statement.sid);
  std::string effect;
  in.Require("Effect", effect);
  if (effect != "Allow" && effect != "Deny") {
    in.Complain(fmt::format("Effect must be Allow or Deny, not \"{}\"", effect));
  }
  statement.effect = effect == "Allow" ? Statement::Effect::kAllow : Statement::Effect::kDeny;
  ReadActions(in, statement);
  if (kind == PolicyKind::kIdentity) ReadResources(in, statement);
  if (kind == PolicyKind::kTrust) ReadPrincipals(in, statement);
  if (const auto conditions = in.Find("Condition")) ReadConditions(*conditions, statement);
  in.RefuseOtherFields();
  return statement;
}

Result<Policy> Read(std::string_view json, PolicyKind kind) {
  constexpr size_t kMostBytes = 10'240;  // IAM's largest inline policy
  if (json.size() > kMostBytes) {
    return MakeError("a policy has at most {} bytes, not {}", kMostBytes, json.size());
  }
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  const JsonReader in(document, problems);
  Policy policy;
  std::string version = "2008-10-17";
  in.Read("Version", version);
  if (version != "2012-10-17" && version != "2008-10-17") {
    in.Complain(fmt::format("Version must be 2012-10-17 or 2008-10-17, not \"{}\"", version));
  }
  policy.has_variables = version == "2012-10-17";
  in.Find("Id");
  if (const auto statements = in.Find("Statement")) {
    if (statements->IsObject()) {
      policy.statements.push_back(ReadStatement(*statements, kind));
    } else {
      for (const JsonReader& each : statements->Items()) {
        policy.statements.push_back(ReadStatement(each, kind));
      }
    }
  }
  if (policy.statements.empty() && problems.empty()) in.Complain("must have a Statement");
  in.RefuseOtherFields();
  TRY(problems.Check());
  return policy;
}

}  // namespace

Result<Policy> ParsePolicy(std::string_view json) { return Read(json, PolicyKind::kIdentity); }

Result<Policy> ParseTrustPolicy(std::string_view json) { return Read(json, PolicyKind::kTrust); }

}  // namespace berth::scheduler
