#include "scheduler/identity/authorize.h"

#include <gtest/gtest.h>

#include "ecs/amz_time.h"

namespace berth::scheduler {
namespace {

WallTime AskTime() { return *ecs::ParseAmzTime("20261125T120000Z"); }

std::vector<Policy> Policies(std::string_view statement) {
  return {*ParsePolicy(fmt::format(R"({{"Version": "2012-10-17", "Statement": {}}})", statement))};
}

Principal Ann(std::string_view statement) {
  return {.arn = "arn:aws:iam::123456789012:user/ann",
          .name = "ann",
          .unique_id = "AIDAANN",
          .policies = Policies(statement)};
}

Principal Task(std::string_view statement) {
  return {.kind = PrincipalKind::kRole,
          .arn = "arn:aws:sts::123456789012:assumed-role/web/0af",
          .name = "web",
          .policies = Policies(statement)};
}

std::string RunTask(const Principal& caller) {
  const auto allowed =
      Authorize(caller,
                {.action = "ecs:RunTask",
                 .resource = "arn:aws:ecs:eu-west-1:123456789012:task-definition/a:1"},
                AskTime());
  if (allowed) return "allowed";
  return fmt::format("{} {}: {}", allowed.error().status, allowed.error().code,
                     allowed.error().message);
}

TEST(Authorize, SaysInAwssWordsThatNothingAllowsIt) {
  EXPECT_EQ(RunTask(Ann(R"({"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"})")),
            "400 AccessDeniedException: User: arn:aws:iam::123456789012:user/ann is not authorized "
            "to perform: ecs:RunTask on resource: "
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/a:1 because no identity-based "
            "policy allows the ecs:RunTask action");
}

TEST(Authorize, SaysInAwssWordsThatItIsDenied) {
  EXPECT_EQ(RunTask(Task(R"({"Effect": "Deny", "Action": "*", "Resource": "*"})")),
            "400 AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/web/0af is "
            "not authorized to perform: ecs:RunTask on resource: "
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/a:1 with an explicit deny in an "
            "identity-based policy");
}

TEST(Authorize, AddsTheKeysOfEveryRequest) {
  const auto if_equals = [](std::string_view condition) {
    return fmt::format(R"({{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}})",
                       condition);
  };
  EXPECT_EQ(RunTask(Ann(if_equals(
                R"({"StringEquals": {"aws:username": "ann", "aws:userid": "AIDAANN",
                    "aws:PrincipalArn": "arn:aws:iam::123456789012:user/ann",
                    "aws:PrincipalAccount": "123456789012", "aws:PrincipalType": "User"},
                    "DateEquals": {"aws:CurrentTime": "2026-11-25T12:00:00Z"},
                    "NumericEquals": {"aws:EpochTime": "1795608000"}})"))),
            "allowed");
}

TEST(Authorize, TakesASessionForItsRole) {
  EXPECT_EQ(RunTask(Task(R"({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
                "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/web"},
                "StringEquals": {"aws:PrincipalType": "AssumedRole"},
                "Null": {"aws:username": true}}})")),
            "allowed");
}

}  // namespace
}  // namespace berth::scheduler
