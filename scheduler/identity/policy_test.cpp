#include "scheduler/identity/policy.h"

#include <gtest/gtest.h>

namespace berth::scheduler {
namespace {

constexpr const char* kTask = "arn:aws:ecs:eu-west-1:123456789012:task/default/0af";

// One statement of fields besides those that are the same in most.
std::string Allow(std::string_view fields) {
  return fmt::format(R"({{"Effect": "Allow", {}}})", fields);
}
std::string Deny(std::string_view fields) {
  return fmt::format(R"({{"Effect": "Deny", {}}})", fields);
}

Policy Parsed(const std::vector<std::string>& statements, std::string_view version = "2012-10-17") {
  std::string list;
  for (const std::string& each : statements) list += (list.empty() ? "" : ",") + each;
  return *ParsePolicy(fmt::format(R"({{"Version": "{}", "Statement": [{}]}})", version, list));
}

AccessRequest StopTask() {
  return {.action = "ecs:StopTask",
          .resource = kTask,
          .context = {{"ecs:cluster", "arn:aws:ecs:eu-west-1:123456789012:cluster/default"},
                      {"aws:username", "default"},
                      {"aws:sourceip", "10.0.0.7"}}};
}

struct PolicyCase {
  const char* name;
  std::vector<std::string> statements;
  Decision decision;
};

const PolicyCase kCases[] = {
    {"nothing is allowed by nothing",
     {Allow(R"("Action": "ecs:RunTask", "Resource": "*")")},
     Decision::kImplicitDeny},
    {"an action by its name",
     {Allow(R"("Action": "ecs:StopTask", "Resource": "*")")},
     Decision::kAllow},
    {"actions in any case",
     {Allow(R"("Action": "ECS:stoptask", "Resource": "*")")},
     Decision::kAllow},
    {"actions by wildcards",
     {Allow(R"("Action": ["iam:*", "ecs:St?p*"], "Resource": "*")")},
     Decision::kAllow},
    {"all but an action", {Allow(R"("NotAction": "iam:*", "Resource": "*")")}, Decision::kAllow},
    {"all but this action",
     {Allow(R"("NotAction": "ecs:*", "Resource": "*")")},
     Decision::kImplicitDeny},
    {"a resource by wildcards",
     {Allow(R"("Action": "*", "Resource": "arn:aws:ecs:*:*:task/default/*")")},
     Decision::kAllow},
    {"another resource",
     {Allow(R"("Action": "*", "Resource": ["arn:aws:ecs:*:*:task/other/*", "arn:aws:s3:::*"])")},
     Decision::kImplicitDeny},
    {"resources in their case",
     {Allow(R"("Action": "*", "Resource": "arn:aws:ecs:*:*:TASK/default/*")")},
     Decision::kImplicitDeny},
    {"all but a resource",
     {Allow(R"("Action": "*", "NotResource": "arn:aws:ecs:*:*:task/other/*")")},
     Decision::kAllow},
    {"a denial after what allows",
     {Allow(R"("Action": "*", "Resource": "*")"),
      Deny(R"("Action": "ecs:Stop*", "Resource": "*")")},
     Decision::kExplicitDeny},
    {"a denial before what allows",
     {Deny(R"("Action": "ecs:Stop*", "Resource": "*")"),
      Allow(R"("Action": "*", "Resource": "*")")},
     Decision::kExplicitDeny},
    {"a denial of something else",
     {Deny(R"("Action": "ecs:Run*", "Resource": "*")"), Allow(R"("Action": "*", "Resource": "*")")},
     Decision::kAllow},
    {"a condition that holds",
     {Allow(R"("Action": "*", "Resource": "*",
               "Condition": {"ArnEquals": {"ecs:Cluster": "arn:aws:ecs:*:*:cluster/default"}})")},
     Decision::kAllow},
    {"two conditions of which one holds",
     {Allow(R"("Action": "*", "Resource": "*",
               "Condition": {"ArnEquals": {"ecs:Cluster": "arn:aws:ecs:*:*:cluster/default"},
                             "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})")},
     Decision::kImplicitDeny},
    {"two keys of which one holds",
     {Allow(R"("Action": "*", "Resource": "*",
               "Condition": {"StringEquals": {"aws:username": "default", "aws:absent": "x"}})")},
     Decision::kImplicitDeny},
    {"a denial whose condition does not hold",
     {Allow(R"("Action": "*", "Resource": "*")"), Deny(R"("Action": "*", "Resource": "*",
              "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}})")},
     Decision::kAllow},
    {"a variable in the resource",
     {Allow(R"("Action": "*", "Resource": "arn:aws:ecs:*:*:task/${aws:username}/*")")},
     Decision::kAllow},
    {"a variable without a value",
     {Allow(R"("Action": "*", "Resource": "arn:aws:ecs:*:*:task/${aws:absent}*/*")")},
     Decision::kImplicitDeny},
    {"a variable in a condition",
     {Allow(R"("Action": "*", "Resource": "*",
               "Condition": {"StringLike": {"ecs:cluster": "*/${aws:username}"}})")},
     Decision::kAllow},
};

TEST(Evaluate, DecidesAsIamDoes) {
  for (const PolicyCase& each : kCases) {
    EXPECT_EQ(Evaluate({Parsed(each.statements)}, StopTask()), each.decision) << each.name;
  }
}

TEST(Evaluate, AllowsNothingWithoutPolicies) {
  EXPECT_EQ(Evaluate({}, StopTask()), Decision::kImplicitDeny);
}

TEST(Evaluate, TakesAllPoliciesTogether) {
  const Policy allow = Parsed({Allow(R"("Action": "*", "Resource": "*")")});
  const Policy deny = Parsed({Deny(R"("Action": "*", "Resource": "*")")});
  const Policy other = Parsed({Allow(R"("Action": "iam:*", "Resource": "*")")});
  EXPECT_EQ(Evaluate({other, allow}, StopTask()), Decision::kAllow);
  EXPECT_EQ(Evaluate({allow, other, deny}, StopTask()), Decision::kExplicitDeny);
}

TEST(Evaluate, HasNoVariablesInTheOldVersion) {
  const std::vector<std::string> statements = {
      Allow(R"("Action": "*", "Resource": "arn:aws:ecs:*:*:task/${aws:username}/*")")};
  EXPECT_EQ(Evaluate({Parsed(statements, "2008-10-17")}, StopTask()), Decision::kImplicitDeny);
  AccessRequest literal = StopTask();
  literal.resource = "arn:aws:ecs:eu-west-1:123456789012:task/${aws:username}/0af";
  EXPECT_EQ(Evaluate({Parsed(statements, "2008-10-17")}, literal), Decision::kAllow);
}

TEST(Evaluate, DoesNotLetANameWidenItsOwnPermission) {
  const Policy policy =
      Parsed({Allow(R"("Action": "*", "Resource": "arn:aws:ecs:*:*:task/${aws:username}/*")")});
  AccessRequest request = StopTask();
  request.context.erase("aws:username");
  request.context.emplace("aws:username", "*");
  EXPECT_EQ(Evaluate({policy}, request), Decision::kImplicitDeny);
}

TEST(TrustsService, OnlyIfItIsNamed) {
  const auto trusts = [](std::string_view fields) {
    const auto policy = ParseTrustPolicy(fmt::format(R"({{"Statement": [{{{}}}]}})", fields));
    return TrustsService(
        *policy, "ecs-tasks.amazonaws.com",
        {.action = "sts:AssumeRole", .context = {{"aws:sourceaccount", "123456789012"}}});
  };
  EXPECT_TRUE(trusts(R"("Effect": "Allow", "Action": "sts:AssumeRole",
                        "Principal": {"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]},
                        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}})"));
  EXPECT_FALSE(trusts(R"("Effect": "Allow", "Action": "sts:AssumeRole",
                         "Principal": {"Service": "ec2.amazonaws.com"})"));
  EXPECT_FALSE(trusts(R"("Effect": "Allow", "Action": "sts:AssumeRole",
                         "Principal": {"AWS": "ecs-tasks.amazonaws.com"})"));
  EXPECT_FALSE(trusts(R"("Effect": "Allow", "Action": "sts:TagSession",
                         "Principal": {"Service": "ecs-tasks.amazonaws.com"})"));
  EXPECT_FALSE(trusts(R"("Effect": "Deny", "Action": "*", "Principal": "*")"));
}

}  // namespace
}  // namespace berth::scheduler
