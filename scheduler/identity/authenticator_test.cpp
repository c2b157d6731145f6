#include "scheduler/identity/authenticator.h"

#include <gmock/gmock.h>

#include "ecs/amz_time.h"

namespace berth::scheduler {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

const ecs::AwsCredentials kAnn = {.access_key_id = "AKIAANN", .secret_access_key = "ann5EC2E7"};
constexpr const char* kRole = "arn:aws:iam::123456789012:role/web";
constexpr const char* kUnrecognized =
    "UnrecognizedClientException: The security token included in the request is invalid.";

WallTime Noon() { return *ecs::ParseAmzTime("20261125T120000Z"); }

class Authentication : public testing::Test {
 protected:
  Authentication() {
    source_.region = "eu-west-1";
    source_.services = {"ecs", "iam", "sts"};
    source_.find_key = [](std::string_view id) -> std::optional<KnownKey> {
      if (id != kAnn.access_key_id) return std::nullopt;
      return KnownKey{kAnn.secret_access_key,
                      {.arn = "arn:aws:iam::123456789012:user/ann",
                       .name = "ann",
                       .access_key_id = kAnn.access_key_id}};
    };
    source_.find_session = [](const SessionClaims& claims) -> std::optional<Principal> {
      if (claims.role_arn != kRole) return std::nullopt;
      return Principal{.kind = PrincipalKind::kRole,
                       .arn = "arn:aws:sts::123456789012:assumed-role/web/" + claims.session_name,
                       .name = "web"};
    };
  }

  static http::Request Signed(const ecs::AwsCredentials& credentials,
                              const ecs::SigningScope& scope = {.region = "eu-west-1"}) {
    http::Request request = {.method = "POST", .headers = {{"Host", "127.0.0.1"}}, .body = "{}"};
    ecs::Sign(request, credentials, scope, Noon());
    return request;
  }

  // Whose it is, or the error.
  std::string Outcome(const http::Request& request, WallTime now = Noon()) const {
    const auto caller = Authenticate(request, source_, mint_, now);
    if (!caller) return caller.error().code + ": " + caller.error().message;
    return caller->arn + " " + caller->access_key_id;
  }

  IdentitySource source_;
  SessionMint mint_ = *SessionMint::Make(std::string(64, 'a'));
};

TEST_F(Authentication, TellsAUserByTheKey) {
  EXPECT_EQ(Outcome(Signed(kAnn)), "arn:aws:iam::123456789012:user/ann AKIAANN");
}

TEST_F(Authentication, TellsASessionByItsToken) {
  const auto minted = mint_.Mint({.role_arn = kRole, .session_name = "0af"}, Noon());
  EXPECT_EQ(Outcome(Signed(minted.credentials)),
            "arn:aws:sts::123456789012:assumed-role/web/0af " + minted.credentials.access_key_id);
}

TEST_F(Authentication, RefusesKeysAndTokensThatNobodyKnows) {
  EXPECT_EQ(Outcome(Signed({.access_key_id = "AKIABOB", .secret_access_key = "x"})), kUnrecognized);
  ecs::AwsCredentials forged = kAnn;
  forged.session_token = "AAAA";
  EXPECT_EQ(Outcome(Signed(forged)), kUnrecognized);
  auto session = mint_.Mint({.role_arn = kRole, .session_name = "0af"}, Noon()).credentials;
  session.session_token = "";
  EXPECT_EQ(Outcome(Signed(session)), kUnrecognized);
  const auto gone = mint_.Mint({.role_arn = "arn:aws:iam::123456789012:role/gone"}, Noon());
  EXPECT_EQ(Outcome(Signed(gone.credentials)), kUnrecognized);
}

TEST_F(Authentication, RefusesWrongSecrets) {
  ecs::AwsCredentials wrong = kAnn;
  wrong.secret_access_key = "guess";
  EXPECT_THAT(Outcome(Signed(wrong)),
              HasSubstr("InvalidSignatureException: The request signature"));
  auto session = mint_.Mint({.role_arn = kRole, .session_name = "0af"}, Noon()).credentials;
  session.secret_access_key = kAnn.secret_access_key;
  EXPECT_THAT(Outcome(Signed(session)),
              HasSubstr("InvalidSignatureException: The request signature"));
}

TEST_F(Authentication, RefusesWhatIsOver) {
  EXPECT_THAT(Outcome(Signed(kAnn), Noon() + minutes(6)),
              HasSubstr("InvalidSignatureException: Signature expired"));
  const auto minted = mint_.Mint({.role_arn = kRole, .lifetime = hours(1)}, Noon() - hours(1));
  EXPECT_EQ(Outcome(Signed(minted.credentials)),
            "ExpiredTokenException: The security token included in the request is expired");
}

TEST_F(Authentication, RefusesTheUnsigned) {
  EXPECT_EQ(Outcome({.method = "POST", .headers = {{"Host", "127.0.0.1"}}}),
            "MissingAuthenticationTokenException: Missing Authentication Token");
}

TEST_F(Authentication, IsForThisRegionAndItsServices) {
  EXPECT_EQ(Outcome(Signed(kAnn, {.region = "us-east-1"})),
            "InvalidSignatureException: Credential should be scoped to a valid region: "
            "'eu-west-1'.");
  EXPECT_EQ(Outcome(Signed(kAnn, {.region = "eu-west-1", .service = "s3"})),
            "InvalidSignatureException: Credential should be scoped to correct service: 'ecs' or "
            "'iam' or 'sts'.");
}

TEST_F(Authentication, TakesGlobalServicesSignedForWhereClientsPutThem) {
  EXPECT_THAT(Outcome(Signed(kAnn, {.region = "us-east-1", .service = "iam"})),
              HasSubstr("user/ann"));
  EXPECT_THAT(Outcome(Signed(kAnn, {.region = "eu-west-1", .service = "sts"})),
              HasSubstr("user/ann"));
  EXPECT_THAT(Outcome(Signed(kAnn, {.region = "us-west-2", .service = "iam"})),
              HasSubstr("scoped to a valid region"));
}

TEST_F(Authentication, NeverRepeatsASecret) {
  http::Request swapped =
      Signed({.access_key_id = kAnn.secret_access_key, .secret_access_key = kAnn.access_key_id});
  EXPECT_THAT(Outcome(swapped), Not(HasSubstr("5EC2E7")));
  http::Request altered = Signed(kAnn);
  altered.body = "[]";
  EXPECT_THAT(Outcome(altered), Not(HasSubstr("5EC2E7")));
}

TEST(AsQueryError, NamesRefusalsAsIamDoes) {
  const auto named = [](const char* code) {
    const ecs::ApiError error = AsQueryError({code, "why"});
    return fmt::format("{} {} {}", error.code, error.status, error.message);
  };
  EXPECT_EQ(named("UnrecognizedClientException"), "InvalidClientTokenId 403 why");
  EXPECT_EQ(named("InvalidSignatureException"), "SignatureDoesNotMatch 403 why");
  EXPECT_EQ(named("ExpiredTokenException"), "ExpiredToken 403 why");
  EXPECT_EQ(named("MissingAuthenticationTokenException"), "MissingAuthenticationToken 403 why");
  EXPECT_EQ(named("IncompleteSignatureException"), "IncompleteSignature 400 why");
  EXPECT_EQ(named("AccessDeniedException"), "AccessDenied 403 why");
  EXPECT_EQ(named("NoSuchEntity"), "NoSuchEntity 400 why");
}

}  // namespace
}  // namespace berth::scheduler
