#include "agent/endpoints/credentials.h"

#include <nlohmann/json.hpp>

#include "agent/endpoints/answers.h"
#include "agent/endpoints/asker.h"

namespace berth::agent::endpoints {
namespace {

struct Wanted {
  std::string id;
  std::string prefix;  // of messages
  std::string path;    // as the audit log shows it
};

Wanted Read(const http::Request& request) {
  const std::vector<std::string> path = PathParts(request.Path());
  if (path[0] == "v2") {
    return {.id = path.size() == 3 ? path[2] : "",
            .prefix = "CredentialsV2Request: ",
            .path = "/v2/credentials"};
  }
  Wanted wanted = {.id = "", .prefix = "CredentialsV1Request: ", .path = "/v1/credentials"};
  for (const auto& [name, value] : http::ParseForm(request.Query())) {
    if (name == "id" && wanted.id.empty()) wanted.id = value;
  }
  return wanted;
}

http::Response Refuse(int status, const char* code, const std::string& message) {
  return JsonAnswer(status, {{"code", code}, {"message", message}, {"HTTPErrorCode", status}});
}

http::Response Answer(const Wanted& wanted, const std::optional<FoundCredentials>& found,
                      const Asker& asker) {
  if (wanted.id.empty()) {
    return Refuse(400, "NoIdInRequest", wanted.prefix + "No Credential ID in the request");
  }
  if (!found || !asker.MayActAs(*found->task)) {
    return Refuse(400, "InvalidIdInRequest", wanted.prefix + "Credentials not found");
  }
  const ecs::wire::RoleCredentials& credentials = found->credentials;
  if (credentials.accessKeyId.empty()) {
    return Refuse(503, "CredentialsUninitialized",
                  wanted.prefix + "Credentials uninitialized for ID");
  }
  return JsonAnswer(200, {{"RoleArn", credentials.roleArn},
                          {"AccessKeyId", credentials.accessKeyId},
                          {"SecretAccessKey", credentials.secretAccessKey},
                          {"Token", credentials.sessionToken},
                          {"Expiration", credentials.expiration}});
}

}  // namespace

http::Response AnswerCredentials(const TaskCatalog& catalog, AuditLog& audit,
                                 const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return MethodNotAllowed();
  const Wanted wanted = Read(request);
  const auto found = wanted.id.empty() ? std::nullopt : catalog.FindByCredentialsId(wanted.id);
  http::Response answer = Answer(wanted, found, Asker::Of(catalog, request.peer_address));
  const AgentInfo agent = catalog.Agent();
  const bool execution = found && found->role == RoleType::kExecution;
  audit.Write({.time = Now(),
               .status = answer.status,
               .client = request.peer_address,
               .path = wanted.path,
               .user_agent = std::string(request.headers.Find("User-Agent").value_or("")),
               .task_arn = found ? found->task->arn : "",
               .event = execution ? "GetCredentialsExecutionRole" : "GetCredentials",
               .cluster = agent.cluster,
               .container_instance_arn = agent.container_instance_arn});
  return answer;
}

}  // namespace berth::agent::endpoints
