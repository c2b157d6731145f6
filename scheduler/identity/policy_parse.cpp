#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "scheduler/identity/condition.h"
#include "scheduler/identity/policy.h"

namespace berth::scheduler {
namespace {

enum class PolicyKind { kIdentity, kTrust };

constexpr auto kMostCharacters = 10'240;  // of IAM's largest inline policy, without white space

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

// The list under one of two names, as Action and NotAction: just one of them, and not empty.
struct OneOfTwo {
  JsonReader list;
  std::vector<std::string> texts;
  bool second = false;
};

std::optional<OneOfTwo> ReadOneOf(const JsonReader& in, std::string_view first,
                                  std::string_view second) {
  const auto a = in.Find(first);
  const auto b = in.Find(second);
  if (a.has_value() == b.has_value()) {
    in.Complain(fmt::format("must have one of {} and {}", first, second));
    return std::nullopt;
  }
  OneOfTwo read = {.list = a ? *a : *b, .second = b.has_value()};
  read.texts = ReadTexts(read.list);
  // Of nothing, the opposite is everything.
  if (read.list.IsArray() && read.texts.empty()) read.list.Complain("must not be empty");
  return read;
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

void ReadConditions(const JsonReader& in, const Policy& policy, Statement& out) {
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
      condition.has_variables =
          policy.has_variables &&
          std::any_of(condition.values.begin(), condition.values.end(),
                      [](const auto& value) { return value.find("${") != std::string::npos; });
      const auto fit = CheckConditionValues(condition);
      if (!fit) values.Complain(fit.error().message());
      out.conditions.push_back(std::move(condition));
    }
  }
}

void ReadActions(const JsonReader& in, Statement& out) {
  auto read = ReadOneOf(in, "Action", "NotAction");
  if (!read) return;
  out.not_actions = read->second;
  for (std::string& action : read->texts) {
    if (action != "*" && action.find(':') == std::string::npos) {
      read->list.Complain(
          fmt::format("must be * or SERVICE:ACTION, as ecs:RunTask, not \"{}\"", action));
    }
    out.actions.push_back(Lower(std::move(action)));
  }
}

void ReadResources(const JsonReader& in, Statement& out) {
  auto read = ReadOneOf(in, "Resource", "NotResource");
  if (!read) return;
  out.not_resources = read->second;
  for (std::string& resource : read->texts) {
    const bool arn =
        resource.starts_with("arn:") && std::count(resource.begin(), resource.end(), ':') >= 5;
    if (resource != "*" && !arn) {
      read->list.Complain(fmt::format(
          "must be * or an ARN of six parts, as arn:aws:ecs:*:*:task/*, not \"{}\"", resource));
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
    if (principal->String() != "*") {
      principal->Complain("must be * or an object, as {\"Service\": \"ecs-tasks.amazonaws.com\"}");
    }
    out.principals.push_back(principal->String());
    return;
  }
  for (const auto& [kind, names] : principal->Fields()) {
    constexpr std::string_view kKinds[] = {"AWS", "CanonicalUser", "Federated", "Service"};
    if (std::find(std::begin(kKinds), std::end(kKinds), kind) == std::end(kKinds)) {
      names.Complain("must be AWS, CanonicalUser, Federated or Service");
    }
    for (const std::string& name : ReadTexts(names)) out.principals.push_back(kind + ":" + name);
  }
}

void ReadEffect(const JsonReader& in, Statement& out) {
  const auto effect = in.Find("Effect");
  const std::string text = effect && effect->IsString() ? effect->String() : "";
  if (text != "Allow" && text != "Deny") {
    (effect ? *effect : in).Complain("Effect must be Allow or Deny");
  }
  out.effect = text == "Allow" ? Statement::Effect::kAllow : Statement::Effect::kDeny;
}

// Letters and digits, and no other statement's.
void ReadSid(const JsonReader& in, const Policy& policy, Statement& out) {
  in.Read("Sid", out.sid);
  const bool plain = std::all_of(out.sid.begin(), out.sid.end(),
                                 [](unsigned char c) { return ::isalnum(c) != 0; });
  if (!plain) in.Complain(fmt::format("Sid must be letters and digits, not \"{}\"", out.sid));
  for (const Statement& other : policy.statements) {
    if (!out.sid.empty() && other.sid == out.sid) {
      in.Complain(fmt::format("Sid must be unique; \"{}\" is another statement's", out.sid));
    }
  }
}

void ReadStatement(const JsonReader& in, PolicyKind kind, Policy& policy) {
  Statement statement;
  ReadSid(in, policy, statement);
  ReadEffect(in, statement);
  ReadActions(in, statement);
  if (kind == PolicyKind::kTrust) {
    ReadPrincipals(in, statement);
    if (in.Find("Resource")) in.Complain("must have no Resource: it is the role itself");
  } else {
    ReadResources(in, statement);
    if (in.Find("Principal")) in.Complain("must have no Principal: it is who has the policy");
  }
  if (const auto conditions = in.Find("Condition")) {
    ReadConditions(*conditions, policy, statement);
  }
  in.RefuseOtherFields();
  policy.statements.push_back(std::move(statement));
}

std::string_view ReadVersion(const JsonReader& in) {
  std::string version = "2008-10-17";
  in.Read("Version", version);
  for (const std::string_view known : {"2012-10-17", "2008-10-17"}) {
    if (version == known) return known;
  }
  in.Complain(fmt::format("Version must be 2012-10-17 or 2008-10-17, not \"{}\"", version));
  return "";
}

Result<Policy> Read(std::string_view json, PolicyKind kind) {
  const auto characters =
      std::count_if(json.begin(), json.end(), [](unsigned char c) { return ::isspace(c) == 0; });
  if (characters > kMostCharacters) {
    return MakeError("a policy has at most {} characters besides white space, not {}",
                     kMostCharacters, characters);
  }
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  const JsonReader in(document, problems);
  Policy policy;
  policy.has_variables = ReadVersion(in) == "2012-10-17";
  in.Find("Id");
  if (const auto statements = in.Find("Statement")) {
    if (statements->IsObject()) {
      ReadStatement(*statements, kind, policy);
    } else {
      for (const JsonReader& each : statements->Items()) ReadStatement(each, kind, policy);
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
