#include "agent/endpoints/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/endpoints/test_catalog.h"
#include "base/files.h"

namespace berth::agent::endpoints {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    char path[] = "/tmp/berth-credentials-test-XXXXXX";
    directory_ = ::mkdtemp(path);
    audit_ = std::make_unique<AuditLog>(*AuditLog::Open({.path = directory_ + "/audit.log"}));
  }
  ~CredentialsTest() override { std::filesystem::remove_all(directory_); }

  Answered Ask(const std::string& target, const std::string& from = kWebAddress) {
    return ToAnswered(AnswerCredentials(catalog_, *audit_, Get(target, from)));
  }
  void ExpectRefused(const std::string& target, int status, const std::string& code,
                     const std::string& message, const std::string& from = kWebAddress) {
    const Answered answered = Ask(target, from);
    EXPECT_EQ(answered.status, status) << target;
    EXPECT_EQ(answered.Body(),
              (Json{{"code", code}, {"message", message}, {"HTTPErrorCode", status}}));
  }
  std::string Audited() const { return *ReadFile(directory_ + "/audit.log"); }

  std::string directory_;
  TestCatalog catalog_;
  std::unique_ptr<AuditLog> audit_;
};

TEST_F(CredentialsTest, GivesATaskTheRoleThatItHas) {
  for (const char* target : {"/v2/credentials/web-role", "/v1/credentials?id=web-role"}) {
    const Answered answered = Ask(target);
    EXPECT_EQ(answered.status, 200);
    EXPECT_EQ(answered.content_type, "application/json");
    EXPECT_EQ(answered.body,
              R"({"RoleArn":"arn:aws:iam::123456789012:role/web-role",)"
              R"("AccessKeyId":"AKIA-web-role","SecretAccessKey":"secret","Token":"token",)"
              R"("Expiration":"2026-11-22T22:31:16Z"})");
  }
}

TEST_F(CredentialsTest, WhoHasAnothersIdIsToldThatThereIsNone) {
  catalog_.arns_by_address[kOtherAddress] = kHostArn;
  for (const char* from : {kOtherAddress, kHostAddress, "127.0.0.1", "10.20.0.99", "::1", ""}) {
    ExpectRefused("/v2/credentials/web-role", 400, "InvalidIdInRequest",
                  "CredentialsV2Request: Credentials not found", from);
  }
  ExpectRefused("/v2/credentials/nope", 400, "InvalidIdInRequest",
                "CredentialsV2Request: Credentials not found");
}

TEST_F(CredentialsTest, TheHostActsForTasksInHostModeAlone) {
  EXPECT_EQ(Ask("/v2/credentials/host-role", kHostAddress).status, 200);
  EXPECT_EQ(Ask("/v2/credentials/host-role", "127.0.0.1").status, 200);
  EXPECT_EQ(Ask("/v2/credentials/host-role", kWebAddress).status, 400);
  EXPECT_EQ(Ask("/v2/credentials/web-role", kHostAddress).status, 400);
}

TEST_F(CredentialsTest, WantsAnId) {
  ExpectRefused("/v2/credentials", 400, "NoIdInRequest",
                "CredentialsV2Request: No Credential ID in the request");
  ExpectRefused("/v2/credentials/", 400, "NoIdInRequest",
                "CredentialsV2Request: No Credential ID in the request");
  ExpectRefused("/v1/credentials", 400, "NoIdInRequest",
                "CredentialsV1Request: No Credential ID in the request");
}

TEST_F(CredentialsTest, ThoseThatHaveNotComeAreUninitialized) {
  catalog_.credentials["web-role"].credentials = {};
  ExpectRefused("/v2/credentials/web-role", 503, "CredentialsUninitialized",
                "CredentialsV2Request: Credentials uninitialized for ID");
}

TEST_F(CredentialsTest, EveryRequestIsPutDownWithoutTheId) {
  http::Request request = Get("/v2/credentials/web-role", kWebAddress);
  request.headers.Set("User-Agent", "Boto3/1.26 \"x\"");
  AnswerCredentials(catalog_, *audit_, request);
  Ask("/v2/credentials/web-role", kOtherAddress);
  Ask("/v1/credentials?id=web-execution");
  const std::string audited = Audited();
  EXPECT_THAT(audited,
              testing::ContainsRegex(
                  "^[0-9T:-]+Z 200 10\\.20\\.0\\.5 \"/v2/credentials\" \"Boto3/1\\.26 \\?x\\?\" "
                  "arn:aws:ecs:us-east-1:123456789012:task/default/aaaa GetCredentials 2 default "
                  "arn:aws:ecs:us-east-1:123456789012:container-instance/default/cccc\n"));
  EXPECT_THAT(audited, testing::HasSubstr(" 400 10.20.0.6 \"/v2/credentials\" \"\" "));
  EXPECT_THAT(audited, testing::HasSubstr(" GetCredentialsExecutionRole 2 "));
  EXPECT_THAT(audited, testing::Not(testing::HasSubstr("web-role")));
}

}  // namespace
}  // namespace berth::agent::endpoints
