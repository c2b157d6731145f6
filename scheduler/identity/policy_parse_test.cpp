#include <gmock/gmock.h>

#include "scheduler/identity/policy.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Problem(std::string_view json) {
  const auto policy = ParsePolicy(json);
  return policy ? "none" : policy.error().message();
}

std::string InStatement(std::string_view fields) {
  return Problem(fmt::format(R"({{"Version": "2012-10-17", "Statement": {{{}}}}})", fields));
}

TEST(PolicyDocument, IsReadAsAwsWritesIt) {
  const auto policy = ParsePolicy(R"({
    "Version": "2012-10-17", "Id": "ReadAndRun",
    "Statement": [
      {"Sid": "Read", "Effect": "Allow", "Action": ["ecs:Describe*", "ecs:List*"], "Resource": "*"},
      {"Effect": "Deny", "NotAction": "ecs:RunTask",
       "NotResource": ["arn:aws:ecs:*:*:task-definition/${aws:username}:*"],
       "Condition": {"StringEquals": {"ecs:Cluster": ["a", "b"]}, "Bool": {"aws:SecureTransport": true},
                     "NumericLessThan": {"k": 12}}}]})");
  ASSERT_TRUE(policy) << policy.error().message();
  EXPECT_TRUE(policy->has_variables);
  ASSERT_EQ(policy->statements.size(), 2u);
  const Statement& read = policy->statements[0];
  EXPECT_EQ(read.sid, "Read");
  EXPECT_EQ(read.effect, Statement::Effect::kAllow);
  EXPECT_THAT(read.actions, ElementsAre("ecs:describe*", "ecs:list*"));
  EXPECT_FALSE(read.not_actions);
  EXPECT_THAT(read.resources, ElementsAre("*"));
  const Statement& deny = policy->statements[1];
  EXPECT_EQ(deny.effect, Statement::Effect::kDeny);
  EXPECT_TRUE(deny.not_actions);
  EXPECT_TRUE(deny.not_resources);
  ASSERT_EQ(deny.conditions.size(), 3u);
  EXPECT_EQ(deny.conditions[0].key, "ecs:cluster");
  EXPECT_THAT(deny.conditions[0].values, ElementsAre("a", "b"));
  EXPECT_THAT(deny.conditions[1].values, ElementsAre("true"));
  EXPECT_THAT(deny.conditions[2].values, ElementsAre("12"));
}

TEST(PolicyDocument, OfTheOldVersionHasNoVariables) {
  constexpr const char* kStatement =
      R"("Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"})";
  EXPECT_FALSE(ParsePolicy(fmt::format("{{{}}}", kStatement))->has_variables);
  EXPECT_FALSE(
      ParsePolicy(fmt::format(R"({{"Version": "2008-10-17", {}}})", kStatement))->has_variables);
  EXPECT_THAT(Problem(fmt::format(R"({{"Version": "2012-10-18", {}}})", kStatement)),
              HasSubstr("Version must be 2012-10-17 or 2008-10-17"));
}

TEST(PolicyDocument, ThatIsNoneIsRefused) {
  EXPECT_NE(Problem(""), "none");
  EXPECT_NE(Problem("[]"), "none");
  EXPECT_EQ(Problem("{}"), "must have a Statement");
  EXPECT_EQ(Problem(R"({"Statement": []})"), "must have a Statement");
  EXPECT_EQ(Problem(R"({"Statement": "Allow"})"), "Statement: must be a list, not string");
  EXPECT_THAT(Problem(R"({"Statements": []})"), HasSubstr("unknown field \"Statements\""));
}

TEST(PolicyDocument, CountsNoWhiteSpaceTowardsItsSize) {
  const std::string statement =
      R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})";
  EXPECT_EQ(Problem(statement + std::string(20'000, ' ')), "none");
  EXPECT_THAT(Problem(R"({"Id": ")" + std::string(20'000, 'x') + "\"}"),
              HasSubstr("at most 10240 characters"));
}

TEST(PolicyStatement, MustSayWhatIsDoneToWhat) {
  constexpr const char* kRest = R"("Action": "ecs:RunTask", "Resource": "*")";
  EXPECT_EQ(InStatement(R"("Effect": "Allow", "Action": "ecs:RunTask", "Resource": "*")"), "none");
  EXPECT_EQ(InStatement(kRest), "Statement: Effect must be Allow or Deny");
  for (const char* effect : {R"("allow")", R"("")", "true", "null"}) {
    EXPECT_THAT(InStatement(fmt::format(R"("Effect": {}, {})", effect, kRest)),
                HasSubstr("Effect must be Allow or Deny"));
  }
  EXPECT_EQ(InStatement(R"("Effect": "Deny", "Resource": "*")"),
            "Statement: must have one of Action and NotAction");
  EXPECT_EQ(InStatement(R"("Effect": "Deny", "Action": "*", "NotAction": "*", "Resource": "*")"),
            "Statement: must have one of Action and NotAction");
  EXPECT_EQ(InStatement(R"("Effect": "Deny", "Action": "*")"),
            "Statement: must have one of Resource and NotResource");
}

TEST(PolicyStatement, NamesActionsAndResourcesInFull) {
  EXPECT_EQ(InStatement(R"("Effect": "Allow", "NotAction": [], "Resource": "*")"),
            "Statement.NotAction: must not be empty");
  EXPECT_EQ(InStatement(R"("Effect": "Allow", "Action": "*", "NotResource": [])"),
            "Statement.NotResource: must not be empty");
  EXPECT_THAT(InStatement(R"("Effect": "Allow", "Action": ["RunTask"], "Resource": "*")"),
              HasSubstr("Statement.Action: must be * or SERVICE:ACTION"));
  EXPECT_THAT(InStatement(R"("Effect": "Allow", "Action": "*", "Resource": "arn:aws:ecs:*")"),
              HasSubstr("Statement.Resource: must be * or an ARN of six parts"));
  EXPECT_THAT(InStatement(R"("Effect": "Allow", "Action": [7], "Resource": "*")"),
              HasSubstr("Statement.Action[0]: must be a string"));
}

TEST(PolicyStatement, HasAPlainAndUniqueSid) {
  EXPECT_THAT(InStatement(R"("Sid": "a b", "Effect": "Deny", "Action": "*", "Resource": "*")"),
              HasSubstr("Sid must be letters and digits"));
  EXPECT_THAT(Problem(R"({"Statement": [
                {"Sid": "a", "Effect": "Deny", "Action": "*", "Resource": "*"},
                {"Sid": "a", "Effect": "Deny", "Action": "*", "Resource": "*"}]})"),
              HasSubstr("Statement[1]: Sid must be unique"));
}

TEST(PolicyStatement, RefusesConditionsThatCanNotBeAsked) {
  const auto with = [](const char* condition) {
    return InStatement(fmt::format(
        R"("Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {})", condition));
  };
  EXPECT_EQ(with(R"({"StringIs": {"k": "v"}})"),
            "Statement.Condition.StringIs: \"StringIs\" is no condition operator of IAM");
  EXPECT_EQ(with(R"({"IpAddress": {"aws:SourceIp": "ten"}})"),
            "Statement.Condition.IpAddress.aws:SourceIp: must be an address or a block as "
            "10.0.0.0/8, not \"ten\"");
  EXPECT_EQ(with(R"({"StringEquals": {"k": []}})"),
            "Statement.Condition.StringEquals.k: must have a value");
  EXPECT_EQ(with(R"({"StringEquals": "k"})"),
            "Statement.Condition.StringEquals: must be an object, not string");
  EXPECT_THAT(with(R"({"StringEquals": {"k": {}}})"), HasSubstr("must be a number, not object"));
}

TEST(PolicyStatement, OfAnIdentityHasNoPrincipal) {
  EXPECT_EQ(InStatement(R"("Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*")"),
            "Statement: must have no Principal: it is who has the policy");
}

std::string TrustProblem(std::string_view fields) {
  const auto policy = ParseTrustPolicy(fmt::format(
      R"({{"Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole"{}}}]}})", fields));
  return policy ? "none" : policy.error().message();
}

TEST(TrustPolicy, NamesAPrincipalAndNoResource) {
  EXPECT_EQ(TrustProblem(R"(, "Principal": {"Service": "ecs-tasks.amazonaws.com"})"), "none");
  EXPECT_EQ(TrustProblem(R"(, "Principal": "*")"), "none");
  EXPECT_THAT(TrustProblem(""), HasSubstr("Statement[0]: must have a Principal"));
  EXPECT_THAT(TrustProblem(R"(, "Principal": "ecs-tasks.amazonaws.com")"),
              HasSubstr("Statement[0].Principal: must be * or an object"));
  EXPECT_THAT(TrustProblem(R"(, "Principal": {"Host": "a"})"),
              HasSubstr("Statement[0].Principal.Host: must be AWS,"));
  EXPECT_THAT(TrustProblem(R"(, "Principal": "*", "Resource": "*")"),
              HasSubstr("Statement[0]: must have no Resource"));
}

}  // namespace
}  // namespace berth::scheduler
