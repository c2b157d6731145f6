#include "agent/endpoints/task_protection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/endpoints/test_catalog.h"

namespace berth::agent::endpoints {
namespace {

constexpr const char* kPath = "/api/web-id/task-protection/v1/state";

class TaskProtectionTest : public testing::Test {
 protected:
  TaskProtectionTest() {
    calls_.protection = ecs::api::TaskProtectionResponse{
        .protectedTasks = {{.taskArn = kWebArn,
                            .protectionEnabled = true,
                            .expirationDate = WallTime(std::chrono::seconds(60))}},
        .failures = {}};
  }
  Answered Ask(http::Request request) {
    std::optional<Answered> answered;
    AnswerTaskProtection(catalog_, calls_, request,
                         [&](const http::Response& response) { answered = ToAnswered(response); });
    EXPECT_TRUE(answered);
    return answered.value_or(Answered{});
  }
  Answered Put(const std::string& body, const std::string& from = kWebAddress) {
    http::Request request = Get(kPath, from);
    request.method = "PUT";
    request.body = body;
    return Ask(request);
  }

  TestCatalog catalog_;
  TestCalls calls_;
};

TEST_F(TaskProtectionTest, AsksAsTheTasksRole) {
  const Answered answered = Ask(Get(kPath, kWebAddress));
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.Body(), Json::parse(R"({"protection": {
      "ExpirationDate": "1970-01-01T00:01:00.000000000Z", "ProtectionEnabled": true,
      "TaskArn": "arn:aws:ecs:us-east-1:123456789012:task/default/aaaa"}})"));
  EXPECT_THAT(calls_.calls,
              testing::ElementsAre("GetProtection AKIA-web-role default " + std::string(kWebArn)));
}

TEST_F(TaskProtectionTest, HandsAnUpdateOn) {
  EXPECT_EQ(Put(R"({"ProtectionEnabled": true, "ExpiresInMinutes": 60})").status, 200);
  EXPECT_EQ(Put(R"({"ProtectionEnabled": false, "ExpiresInMinutes": null})").status, 200);
  EXPECT_THAT(calls_.calls,
              testing::ElementsAre(
                  "UpdateProtection AKIA-web-role default " + std::string(kWebArn) + " true 60",
                  "UpdateProtection AKIA-web-role default " + std::string(kWebArn) + " false 0"));
}

TEST_F(TaskProtectionTest, RefusesBodiesThatAreNotWhatTheyShouldBe) {
  for (const char* body : {"", "[]", "{", R"({"ProtectionEnabled": "yes"})",
                           R"({"ProtectionEnabled": true, "Other": 1})",
                           R"({"ProtectionEnabled": true, "ExpiresInMinutes": 1.5})"}) {
    const Answered answered = Put(body);
    EXPECT_EQ(answered.status, 400) << body;
    EXPECT_EQ(answered.Body(), Json::parse(R"({"error": {"Code": "InvalidParameterException",
        "Message": "UpdateTaskProtection: failed to decode request"}})"));
  }
  EXPECT_EQ(Put("{}").Body().at("error").at("Message"),
            "Invalid request: does not contain 'ProtectionEnabled' field");
  EXPECT_TRUE(calls_.calls.empty());
}

TEST_F(TaskProtectionTest, OnlyTheTaskItselfMayAsk) {
  for (const char* from : {kOtherAddress, kHostAddress}) {
    const Answered answered = Put(R"({"ProtectionEnabled": true})", from);
    EXPECT_EQ(answered.status, 404);
    EXPECT_EQ(answered.Body(), Json::parse(R"({"error": {"Code": "ResourceNotFoundException",
        "Message": "Failed to find a task for the request"}})"));
  }
  EXPECT_TRUE(calls_.calls.empty());
}

TEST_F(TaskProtectionTest, WithoutATaskRoleItIsDenied) {
  catalog_.credentials.erase("web-role");
  const Answered answered = Ask(Get(kPath, kWebAddress));
  EXPECT_EQ(answered.status, 403);
  EXPECT_EQ(answered.Body().at("error").at("Code"), "AccessDeniedException");
  EXPECT_EQ(answered.Body().at("error").at("Arn"), kWebArn);
}

TEST_F(TaskProtectionTest, FailuresOfTheCallAreHandedOn) {
  calls_.protection = tl::unexpected(CallFailure{.kind = CallFailure::Kind::kRefused,
                                                 .error = {"ClientException", "no", 400},
                                                 .request_id = "r"});
  Answered answered = Ask(Get(kPath, kWebAddress));
  EXPECT_EQ(answered.status, 400);
  EXPECT_EQ(answered.Body(), Json::parse(R"({"requestID": "r", "error": {
      "Arn": "arn:aws:ecs:us-east-1:123456789012:task/default/aaaa",
      "Code": "ClientException", "Message": "no"}})"));
  calls_.protection = tl::unexpected(
      CallFailure{.kind = CallFailure::Kind::kTimedOut, .error = {}, .request_id = ""});
  answered = Ask(Get(kPath, kWebAddress));
  EXPECT_EQ(answered.status, 504);
  EXPECT_EQ(answered.Body().at("error").at("Message"), "Timed out calling ECS Task Protection API");
  calls_.protection = tl::unexpected(CallFailure{
      .kind = CallFailure::Kind::kUnreachable, .error = {"", "refused", 0}, .request_id = ""});
  EXPECT_EQ(Ask(Get(kPath, kWebAddress)).status, 500);
}

TEST_F(TaskProtectionTest, AFailureInTheAnswerIsShown) {
  calls_.protection = ecs::api::TaskProtectionResponse{
      .protectedTasks = {}, .failures = {{.arn = kWebArn, .reason = "MISSING", .detail = {}}}};
  const Answered answered = Ask(Get(kPath, kWebAddress));
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.Body().at("failure").at("Reason"), "MISSING");
  calls_.protection = ecs::api::TaskProtectionResponse{};
  EXPECT_EQ(Ask(Get(kPath, kWebAddress)).status, 500);
}

}  // namespace
}  // namespace berth::agent::endpoints
