#include "agent/endpoints/task_protection.h"

#include <nlohmann/json.hpp>

#include "agent/endpoints/answers.h"
#include "agent/endpoints/asker.h"
#include "base/json_reader.h"

namespace berth::agent::endpoints {
namespace {

struct Refusal {
  int status = 500;
  std::string code;
  std::string message;
  std::string request_id = {};
};

http::Response Refuse(const std::string& task_arn, const Refusal& refusal) {
  Json error = Json::object();
  if (!task_arn.empty()) error["Arn"] = task_arn;
  error["Code"] = refusal.code;
  error["Message"] = refusal.message;
  Json body = Json::object();
  if (!refusal.request_id.empty()) body["requestID"] = refusal.request_id;
  body["error"] = std::move(error);
  return JsonAnswer(refusal.status, body);
}

http::Response AnswerFailure(const std::string& task_arn, const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::kRefused:
      return Refuse(task_arn, {.status = failure.error.status,
                               .code = failure.error.code,
                               .message = failure.error.message,
                               .request_id = failure.request_id});
    case CallFailure::Kind::kTimedOut:
      return Refuse(task_arn, {.status = 504,
                               .code = "RequestCanceled",
                               .message = "Timed out calling ECS Task Protection API"});
    case CallFailure::Kind::kUnreachable:
      break;
  }
  return Refuse(task_arn, {.code = "ServerException", .message = failure.error.message});
}

Json DescribeFailure(const ecs::api::Failure& failure) {
  return {{"Arn", failure.arn.value_or("")},
          {"Reason", failure.reason.value_or("")},
          {"Detail", failure.detail ? Json(*failure.detail) : Json()}};
}

Json DescribeProtection(const ecs::api::ProtectedTask& task) {
  return {{"ExpirationDate", task.expirationDate ? Json(FormatTime(*task.expirationDate)) : Json()},
          {"ProtectionEnabled", task.protectionEnabled},
          {"TaskArn", task.taskArn}};
}

http::Response AnswerResponse(const std::string& task_arn,
                              const ecs::api::TaskProtectionResponse& response) {
  if (response.failures.size() == 1) {
    return JsonAnswer(200, {{"failure", DescribeFailure(response.failures[0])}});
  }
  if (!response.failures.empty() || response.protectedTasks.size() != 1) {
    return Refuse(task_arn, {.code = "ServerException", .message = "Unexpected error occurred"});
  }
  return JsonAnswer(200, {{"protection", DescribeProtection(response.protectedTasks[0])}});
}

struct Body {
  std::optional<bool> protection_enabled;
  std::optional<int64_t> expires_in_minutes;
};

/// Nothing if it is not what it should be; a field that is not known makes it so.
std::optional<Body> ReadBody(const std::string& text) {
  const auto document = ParseJson(text);
  if (!document || !document->is_object()) return std::nullopt;
  JsonProblems problems;
  const JsonReader in(*document, problems);
  Body body;
  if (const auto field = in.Find("ProtectionEnabled")) body.protection_enabled = field->Boolean();
  if (const auto field = in.Find("ExpiresInMinutes")) {
    body.expires_in_minutes =
        field->Integer(std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  }
  in.RefuseOtherFields();
  return problems.empty() ? std::optional(body) : std::nullopt;
}

/// The task that asks, and how its calls are signed.
struct Caller {
  TaskPointer task;
  ecs::wire::RoleCredentials credentials;
};

tl::expected<TaskPointer, http::Response> FindTask(const TaskCatalog& catalog,
                                                   const http::Request& request) {
  const auto found = catalog.FindByEndpointId(PathParts(request.Path())[1]);
  if (!found || !Asker::Of(catalog, request.peer_address).MayActAs(*found->task)) {
    return tl::unexpected(Refuse("", {.status = 404,
                                      .code = "ResourceNotFoundException",
                                      .message = "Failed to find a task for the request"}));
  }
  return found->task;
}

tl::expected<Caller, http::Response> FindCredentials(const TaskCatalog& catalog, TaskPointer task) {
  const std::string& id = task->task_role_credentials_id;
  const auto found = id.empty() ? std::nullopt : catalog.FindByCredentialsId(id);
  if (!found || found->credentials.accessKeyId.empty()) {
    return tl::unexpected(
        Refuse(task->arn,
               {.status = 403,
                .code = "AccessDeniedException",
                .message = "Invalid Request: no task IAM role credentials available for task"}));
  }
  return Caller{.task = std::move(task), .credentials = found->credentials};
}

CallDone<ecs::api::TaskProtectionResponse> HandOn(std::string task_arn, http::Respond respond) {
  return [task_arn = std::move(task_arn), respond = std::move(respond)](const auto& answer) {
    respond(answer ? AnswerResponse(task_arn, *answer) : AnswerFailure(task_arn, answer.error()));
  };
}

void AnswerGet(const TaskCatalog& catalog, EcsCalls& calls, const http::Request& request,
               http::Respond respond) {
  auto task = FindTask(catalog, request);
  if (!task) return respond(std::move(task).error());
  auto caller = FindCredentials(catalog, *std::move(task));
  if (!caller) return respond(std::move(caller).error());
  const std::string arn = caller->task->arn;
  calls.GetProtection(caller->credentials, {.cluster = catalog.Agent().cluster, .tasks = {arn}},
                      HandOn(arn, std::move(respond)));
}

void AnswerPut(const TaskCatalog& catalog, EcsCalls& calls, const http::Request& request,
               http::Respond respond) {
  const auto body = ReadBody(request.body);
  if (!body) {
    return respond(Refuse("", {.status = 400,
                               .code = "InvalidParameterException",
                               .message = "UpdateTaskProtection: failed to decode request"}));
  }
  auto task = FindTask(catalog, request);
  if (!task) return respond(std::move(task).error());
  if (!body->protection_enabled) {
    return respond(Refuse(
        (*task)->arn, {.status = 400,
                       .code = "InvalidParameterException",
                       .message = "Invalid request: does not contain 'ProtectionEnabled' field"}));
  }
  auto caller = FindCredentials(catalog, *std::move(task));
  if (!caller) return respond(std::move(caller).error());
  const std::string arn = caller->task->arn;
  calls.UpdateProtection(caller->credentials,
                         {.cluster = catalog.Agent().cluster,
                          .tasks = {arn},
                          .protectionEnabled = *body->protection_enabled,
                          .expiresInMinutes = body->expires_in_minutes},
                         HandOn(arn, std::move(respond)));
}

}  // namespace

void AnswerTaskProtection(const TaskCatalog& catalog, EcsCalls& calls, const http::Request& request,
                          http::Respond respond) {
  if (request.method == "GET") return AnswerGet(catalog, calls, request, std::move(respond));
  if (request.method == "PUT") return AnswerPut(catalog, calls, request, std::move(respond));
  respond(MethodNotAllowed());
}

}  // namespace berth::agent::endpoints
