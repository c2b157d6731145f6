#include "scheduler/iam/query_api.h"

#include <gmock/gmock.h>

#include "base/http/message.h"
#include "scheduler/iam/new_user.h"
#include "scheduler/iam/xml.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTrust =
    R"({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"}}})";
constexpr const char* kPolicy =
    R"({"Statement": {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}})";

// Whether every element is closed in its order: enough XML for answers without attributes but in
// the first element.
bool IsWellFormed(std::string_view xml) {
  std::vector<std::string> open;
  while (!xml.empty()) {
    const size_t start = xml.find('<');
    if (start == std::string_view::npos) return open.empty();
    const size_t end = xml.find('>', start);
    if (end == std::string_view::npos) return false;
    const std::string_view tag = xml.substr(start + 1, end - start - 1);
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else {
      open.emplace_back(tag.substr(0, tag.find(' ')));
    }
    xml.remove_prefix(end + 1);
  }
  return open.empty();
}

class QueryApiTest : public testing::Test {
 protected:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  ecs::ApiResult<std::string> AskAs(const Principal& caller, const std::string& action,
                                    const Fields& fields) {
    std::string body = "Version=2010-05-08&Action=" + action;
    for (const auto& [name, value] : fields) {
      body += "&" + name + "=" + http::PercentEncode(value);
    }
    auto answer =
        ServeQuery({.world = at.world, .caller = caller, .now = at.now, .request_id = "r-1"}, body);
    EXPECT_TRUE(!answer || IsWellFormed(*answer)) << *answer;
    return answer;
  }
  // The answer, or "Code".
  std::string Ask(const std::string& action, const Fields& fields) {
    const auto answer = AskAs(at.boss, action, fields);
    return answer ? *answer : answer.error().code;
  }

  TestWorld at;
};

TEST_F(QueryApiTest, SaysWhoOneIs) {
  EXPECT_THAT(Ask("GetCallerIdentity", {}), AllOf(HasSubstr("<Arn>" + at.boss.arn + "</Arn>"),
                                                  HasSubstr("<Account>123456789012</Account>"),
                                                  HasSubstr("<RequestId>r-1</RequestId>")));
  EXPECT_EQ(Ask("MakeCoffee", {}), "InvalidAction");
  EXPECT_EQ(Ask("", {}), "InvalidAction");
}

TEST_F(QueryApiTest, HasRolesFromTheirMakingToTheirEnd) {
  const Fields role = {{"RoleName", "r"}};
  EXPECT_EQ(Ask("GetRole", role), "NoSuchEntity");
  EXPECT_THAT(
      Ask("CreateRole",
          {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kTrust}, {"Description", "<&>"}}),
      HasSubstr("<Description>&lt;&amp;&gt;</Description>"));
  EXPECT_EQ(Ask("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kTrust}}),
            "EntityAlreadyExists");
  EXPECT_THAT(Ask("GetRole", role), HasSubstr("arn:aws:iam::123456789012:role/r"));
  EXPECT_THAT(Ask("ListRoles", {}), HasSubstr("<member><Path>/</Path><RoleName>r</RoleName>"));
  const Fields policy = {{"RoleName", "r"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}};
  EXPECT_THAT(Ask("PutRolePolicy", policy), HasSubstr("<PutRolePolicyResult>"));
  EXPECT_THAT(Ask("ListRolePolicies", role), HasSubstr("<member>p</member>"));
  EXPECT_THAT(Ask("GetRolePolicy", policy), HasSubstr(http::PercentEncode(kPolicy)));
  EXPECT_EQ(Ask("DeleteRole", role), "DeleteConflict");
  EXPECT_THAT(Ask("DeleteRolePolicy", policy), HasSubstr("Response"));
  EXPECT_EQ(Ask("DeleteRolePolicy", policy), "NoSuchEntity");
  EXPECT_EQ(Ask("GetRolePolicy", policy), "NoSuchEntity");
  EXPECT_THAT(Ask("DeleteRole", role), HasSubstr("Response"));
  EXPECT_EQ(at.world.roles().Find("r"), nullptr);
}

TEST_F(QueryApiTest, HasUsersAndKeysFromTheirMakingToTheirEnd) {
  const Fields user = {{"UserName", "ann"}};
  EXPECT_THAT(Ask("CreateUser", user), HasSubstr("user/ann</Arn>"));
  EXPECT_EQ(Ask("CreateUser", user), "EntityAlreadyExists");
  EXPECT_THAT(Ask("CreateAccessKey", user), HasSubstr("<SecretAccessKey>"));
  EXPECT_THAT(Ask("ListAccessKeys", user), Not(HasSubstr("Secret")));
  EXPECT_EQ(Ask("DeleteUser", user), "DeleteConflict");
  const std::string id = at.world.access_keys().all().begin()->first;
  EXPECT_EQ(Ask("DeleteAccessKey", {{"UserName", "ann"}, {"AccessKeyId", "other"}}),
            "NoSuchEntity");
  EXPECT_THAT(Ask("DeleteAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}}),
              HasSubstr("Response"));
  const Fields policy = {{"UserName", "ann"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}};
  EXPECT_THAT(Ask("PutUserPolicy", policy), HasSubstr("Response"));
  EXPECT_EQ(Ask("DeleteUser", user), "DeleteConflict");
  EXPECT_THAT(Ask("ListUserPolicies", user), HasSubstr("<member>p</member>"));
  EXPECT_THAT(Ask("DeleteUserPolicy", policy), HasSubstr("Response"));
  EXPECT_THAT(Ask("DeleteUser", user), HasSubstr("Response"));
  EXPECT_EQ(Ask("GetUser", user), "NoSuchEntity");
}

TEST_F(QueryApiTest, GivesUsersBelowTheAgentsPathTheirPolicy) {
  for (const char* path : {"/agents/", "/agents/rack1/"}) {
    Ask("CreateUser", {{"UserName", "host"}, {"Path", path}});
    EXPECT_EQ(at.world.users().Find("host")->policies.size(), 1u) << path;
    at.world.EraseUser("host");
  }
  for (const char* path : {"agents/", "/agents", "", "/a*/", "/\xC3\xA9/"}) {
    EXPECT_EQ(Ask("CreateUser", {{"UserName", "host"}, {"Path", path}}), "ValidationError") << path;
  }
}

TEST_F(QueryApiTest, RefusesNamesAndDocumentsThatAreNone) {
  EXPECT_EQ(Ask("CreateRole", {}), "ValidationError");
  EXPECT_EQ(Ask("CreateRole", {{"RoleName", "a/b"}, {"AssumeRolePolicyDocument", kTrust}}),
            "ValidationError");
  EXPECT_EQ(Ask("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", "{"}}),
            "MalformedPolicyDocument");
  EXPECT_EQ(Ask("CreateRole",
                {{"RoleName", "r"}, {"AssumeRolePolicyDocument", std::string(10'241, ' ')}}),
            "ValidationError");
  Ask("CreateUser", {{"UserName", "ann"}});
  EXPECT_EQ(Ask("PutUserPolicy",
                {{"UserName", "ann"}, {"PolicyName", "p"}, {"PolicyDocument", "nonsense"}}),
            "MalformedPolicyDocument");
}

TEST_F(QueryApiTest, KeepsPoliciesFromGrowingARecordWithoutEnd) {
  Ask("CreateUser", {{"UserName", "ann"}});
  std::string document = kPolicy;
  document.insert(1, std::string(9000, ' '));
  std::string last;
  for (int i = 0; i < 12; ++i) {
    last = Ask(
        "PutUserPolicy",
        {{"UserName", "ann"}, {"PolicyName", fmt::format("p{}", i)}, {"PolicyDocument", document}});
  }
  EXPECT_EQ(last, "LimitExceeded");
  EXPECT_EQ(at.world.users().Find("ann")->policies.size(), 11u);
}

TEST_F(QueryApiTest, DeniesWhatNoPolicyAllows) {
  const Principal nobody = {.arn = "arn:aws:iam::123456789012:user/nobody", .name = "nobody"};
  at.AddRole("r");
  at.world.PutUser({.name = "ann", .arn = "arn:aws:iam::123456789012:user/ann"});
  const Fields all = {{"RoleName", "r"},       {"UserName", "ann"},
                      {"PolicyName", "p"},     {"PolicyDocument", kPolicy},
                      {"AccessKeyId", "AKIA"}, {"AssumeRolePolicyDocument", kTrust}};
  for (const char* action :
       {"CreateRole", "GetRole", "ListRoles", "DeleteRole", "PutRolePolicy", "GetRolePolicy",
        "ListRolePolicies", "DeleteRolePolicy", "CreateUser", "GetUser", "ListUsers", "DeleteUser",
        "PutUserPolicy", "ListUserPolicies", "DeleteUserPolicy", "CreateAccessKey",
        "ListAccessKeys", "DeleteAccessKey"}) {
    const auto answer = AskAs(nobody, action, all);
    ASSERT_FALSE(answer) << action;
    EXPECT_EQ(answer.error().code, "AccessDenied") << action;
    EXPECT_EQ(answer.error().status, 403);
    EXPECT_THAT(answer.error().message, HasSubstr(std::string("iam:") + action));
  }
  EXPECT_TRUE(AskAs(nobody, "GetCallerIdentity", {}));
}

TEST(QueryErrors, AreXmlWhateverTheyQuote) {
  const std::string error =
      FormatQueryError({"InvalidAction", "no <such> & \"\xFF\x01\xC3\xA9\"", 400}, "r");
  EXPECT_TRUE(IsWellFormed(error)) << error;
  EXPECT_THAT(error, HasSubstr("no &lt;such&gt; &amp; &quot;\uFFFD\u00E9"));
  EXPECT_THAT(error, HasSubstr("<Type>Sender</Type>"));
  EXPECT_THAT(FormatQueryError({"E", "", 500}, "r"), HasSubstr("<Type>Receiver</Type>"));
}

}  // namespace
}  // namespace berth::scheduler
