#include "scheduler/iam/query_api.h"

#include <algorithm>

#include "base/http/message.h"
#include "base/text.h"
#include "scheduler/iam/actions.h"
#include "scheduler/iam/xml.h"
#include "scheduler/identity/authorize.h"
#include "scheduler/identity/policy.h"

namespace berth::scheduler {
namespace {

constexpr std::string_view kIamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";
constexpr std::string_view kStsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

QueryAnswer GetCallerIdentity(const QueryCall& call, const QueryForm&) {
  return XmlElement("Arn", call.caller.arn) + XmlElement("UserId", call.caller.unique_id) +
         XmlElement("Account", call.world.identity().account);
}

struct FoundAction {
  QueryAction run;
  std::string_view xml_namespace;
};

std::optional<FoundAction> FindAction(const std::string& name) {
  if (name == "GetCallerIdentity") return FoundAction{GetCallerIdentity, kStsNamespace};
  for (const QueryActions* actions : {&RoleActions(), &UserActions()}) {
    const auto found = actions->find(name);
    if (found != actions->end()) return FoundAction{found->second, kIamNamespace};
  }
  return std::nullopt;
}

}  // namespace

QueryForm::QueryForm(std::string_view body) {
  for (auto& [name, value] : http::ParseForm(body)) {
    fields_.insert_or_assign(std::move(name), std::move(value));
  }
}

std::string QueryForm::Get(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? "" : found->second;
}

ecs::ApiResult<std::string> QueryForm::Require(std::string_view name) const {
  std::string value = Get(name);
  if (value.empty()) return ecs::Refuse("ValidationError", "{} is required", name);
  return value;
}

ecs::ApiResult<void> CheckIamName(std::string_view field, std::string_view name) {
  const auto allowed = [](char c) {
    return ::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), allowed)) {
    return ecs::Refuse("ValidationError",
                       "{} must have 1 to 64 letters, digits and _+=,.@-, not \"{}\"", field, name);
  }
  return {};
}

ecs::ApiResult<void> MayDo(const QueryCall& call, std::string_view action, std::string_view arn) {
  auto allowed = Authorize(call.caller,
                           {.action = std::string(action), .resource = std::string(arn)}, call.now);
  if (allowed) return {};
  return tl::unexpected(ecs::ApiError{"AccessDenied", allowed.error().message, 403});
}

ecs::ApiResult<void> CheckPolicyDocument(std::string_view document) {
  API_TRY(CheckSize("PolicyDocument", document, kMostPolicy));
  const auto policy = ParsePolicy(document);
  if (policy) return {};
  return ecs::Refuse("MalformedPolicyDocument", "{}", policy.error().message());
}

ecs::ApiResult<void> CheckSize(std::string_view field, std::string_view text, size_t most) {
  if (text.size() <= most) return {};
  return ecs::Refuse("ValidationError", "{} must have at most {} characters, not {}", field, most,
                     text.size());
}

ecs::ApiResult<void> PutPolicy(std::vector<NamedPolicy>& policies, NamedPolicy policy) {
  std::erase_if(policies, [&](const NamedPolicy& own) { return own.name == policy.name; });
  policies.push_back(std::move(policy));
  size_t size = 0;
  for (const NamedPolicy& each : policies) size += each.document.size();
  if (size <= kMostPolicies) return {};
  return tl::unexpected(
      ecs::ApiError{"LimitExceeded",
                    fmt::format("Maximum policy size of {} bytes exceeded for all of them together",
                                kMostPolicies),
                    409});
}

std::string PolicyNames(const std::vector<NamedPolicy>& policies) {
  std::string names;
  for (const NamedPolicy& policy : policies) names += XmlElement("member", policy.name);
  return XmlWrap("PolicyNames", names) + XmlElement("IsTruncated", "false");
}

std::string UniqueId(std::string_view prefix) {
  std::string id(prefix);
  for (const char c : RandomHex(9).substr(0, 17)) {
    id += static_cast<char>(::toupper(static_cast<unsigned char>(c)));
  }
  return id;
}

std::string XmlTime(std::optional<WallTime> time) {
  return FormatTime(time.value_or(WallTime())).substr(0, 19) + "Z";
}

bool IsQuery(std::string_view content_type) {
  return content_type.starts_with("application/x-www-form-urlencoded");
}

ecs::ApiResult<std::string> ServeQuery(const QueryCall& call, std::string_view body) {
  const QueryForm form(body);
  const std::string action = form.Get("Action");
  const auto found = FindAction(action);
  if (!found) {
    return ecs::Refuse("InvalidAction", "Could not find operation {} for version {}", action,
                       form.Get("Version"));
  }
  const std::string result = API_TRY(found->run(call, form));
  return fmt::format(
      "<{0}Response xmlns=\"{1}\"><{0}Result>{2}</{0}Result><ResponseMetadata>{3}"
      "</ResponseMetadata></{0}Response>",
      action, found->xml_namespace, result, XmlElement("RequestId", call.request_id));
}

std::string FormatQueryError(const ecs::ApiError& error, std::string_view request_id) {
  const std::string inner = XmlElement("Type", error.status < 500 ? "Sender" : "Receiver") +
                            XmlElement("Code", error.code) + XmlElement("Message", error.message);
  return XmlWrap("ErrorResponse", XmlWrap("Error", inner) + XmlElement("RequestId", request_id));
}

}  // namespace berth::scheduler
