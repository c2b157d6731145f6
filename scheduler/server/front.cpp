#include "scheduler/server/front.h"

#include "base/log.h"
#include "ecs/api/codec.h"
#include "scheduler/api/dispatch.h"
#include "scheduler/iam/query_api.h"
#include "scheduler/model/ids.h"

namespace berth::scheduler {
namespace {

http::Response JsonResponse(int status, std::string body, const std::string& request_id) {
  return {.status = status,
          .headers = {{"Content-Type", std::string(ecs::api::kContentType)},
                      {"x-amzn-RequestId", request_id}},
          .body = std::move(body)};
}

http::Response XmlResponse(int status, std::string body, const std::string& request_id) {
  return {.status = status,
          .headers = {{"Content-Type", "text/xml"}, {"x-amzn-RequestId", request_id}},
          .body = std::move(body)};
}

http::Response JsonError(const ecs::ApiError& error, const std::string& request_id) {
  http::Response response = JsonResponse(error.status, ecs::api::FormatError(error), request_id);
  response.headers.Add("x-amzn-ErrorType", error.code);
  return response;
}

ecs::ApiError NotWritten(const Error& error) {
  return {"ServerException", "the change could not be written down: " + error.message(), 500};
}

}  // namespace

void Front::Serve(const http::Request& request, http::Respond respond) {
  const std::string request_id = RandomUuid();
  if (request.method == "GET" && request.Path() == "/health") {
    return respond({.headers = {{"Content-Type", "text/plain"}}, .body = "ok\n"});
  }
  if (request.method != "POST" || request.Path() != "/") {
    return respond(
        JsonError({"UnknownOperationException", "there is nothing here", 404}, request_id));
  }
  const bool form = IsQuery(request.headers.Find("Content-Type").value_or(""));
  http::Response response = form ? ServeForm(request, request_id) : ServeJson(request, request_id);
  RespondOnceDurable(std::move(response), std::move(respond), [form, request_id](const Error& why) {
    const ecs::ApiError error = NotWritten(why);
    return form ? XmlResponse(error.status, FormatQueryError(error, request_id), request_id)
                : JsonError(error, request_id);
  });
}

http::Response Front::ServeJson(const http::Request& request, const std::string& request_id) {
  const auto caller = setup_.authenticate(request);
  if (!caller) return JsonError(caller.error(), request_id);
  std::string_view target = request.headers.Find("X-Amz-Target").value_or("");
  if (!target.starts_with(ecs::api::kTargetPrefix)) {
    return JsonError(
        {"UnknownOperationException", fmt::format("\"{}\" is no operation of Amazon ECS", target)},
        request_id);
  }
  target.remove_prefix(ecs::api::kTargetPrefix.size());
  const Call call(setup_.world, setup_.settings, *caller, std::string(target), Now());
  const auto answer = Dispatch(call, request.body);
  if (!answer) {
    log::Info("{} by {}: {}: {}", target, caller->arn, answer.error().code, answer.error().message);
    return JsonError(answer.error(), request_id);
  }
  return JsonResponse(200, *answer, request_id);
}

http::Response Front::ServeForm(const http::Request& request, const std::string& request_id) {
  const auto refuse = [&](const ecs::ApiError& error) {
    return XmlResponse(error.status, FormatQueryError(error, request_id), request_id);
  };
  const auto caller = setup_.authenticate(request);
  if (!caller) return refuse(AsQueryError(caller.error()));
  const auto answer =
      ServeQuery({.world = setup_.world, .caller = *caller, .now = Now(), .request_id = request_id},
                 request.body);
  if (!answer) return refuse(answer.error());
  return XmlResponse(200, *answer, request_id);
}

// What was only read may be of a change that is still on its way: it waits for that as well.
void Front::RespondOnceDurable(http::Response response, http::Respond respond,
                               std::function<http::Response(const Error&)> not_written) {
  setup_.world.ledger().WhenDurable(
      [response = std::move(response), respond = std::move(respond),
       not_written = std::move(not_written)](const Result<void>& durable) {
        if (durable) return respond(response);
        log::Error("{}", durable.error().message());
        respond(not_written(durable.error()));
      });
  setup_.agents.TellWhatIsDue();
}

}  // namespace berth::scheduler
