#include "ecs/sigv4.h"

#include <gmock/gmock.h>

#include "ecs/amz_time.h"

namespace berth::ecs {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const AwsCredentials kAnn = {.access_key_id = "AKIAANN", .secret_access_key = "ann's secret"};
const AwsCredentials kTask = {.access_key_id = "ASIATASK",
                              .secret_access_key = "the task's secret",
                              .session_token = "token/of+the=task"};
const SigningScope kScope = {.region = "eu-west-1"};

WallTime Noon() { return *ParseAmzTime("20261125T120000Z"); }

http::Request RunTask() {
  return {.method = "POST",
          .headers = {{"Host", "127.0.0.1:18080"},
                      {"User-Agent", "aws-cli/2.9.19"},
                      {"Content-Type", "application/x-amz-json-1.1"},
                      {"X-Amz-Target", "AmazonEC2ContainerServiceV20141113.RunTask"}},
          .body = R"({"taskDefinition":"web:1"})"};
}

http::Request Signed(const AwsCredentials& credentials = kAnn) {
  http::Request request = RunTask();
  Sign(request, credentials, kScope, Noon());
  return request;
}

http::Request With(std::string authorization) {
  http::Request request = Signed();
  request.headers.Set("Authorization", std::move(authorization));
  return request;
}

// "Code: message", or "verified".
std::string Outcome(const http::Request& request, std::string_view secret = "ann's secret",
                    WallTime now = Noon()) {
  const auto signature = ReadSignature(request);
  if (!signature) return signature.error().code + ": " + signature.error().message;
  const auto verified = VerifySignature(request, *signature, secret, now);
  return verified ? "verified" : verified.error().code + ": " + verified.error().message;
}

constexpr const char* kMismatch =
    "InvalidSignatureException: The request signature we calculated does not match the signature "
    "you provided. Check your AWS Secret Access Key and signing method. Consult the service "
    "documentation for details.";

TEST(Signature, SaysWhoSignedWhatAndWhen) {
  const auto signature = ReadSignature(Signed(kTask));
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->access_key_id, "ASIATASK");
  EXPECT_EQ(signature->date, "20261125");
  EXPECT_EQ(signature->region, "eu-west-1");
  EXPECT_EQ(signature->service, "ecs");
  EXPECT_EQ(signature->session_token, "token/of+the=task");
  EXPECT_EQ(signature->time, Noon());
  EXPECT_THAT(signature->signed_headers,
              testing::ElementsAre("content-type", "host", "x-amz-date", "x-amz-security-token",
                                   "x-amz-target"));
}

TEST(Signature, HoldsForTheRequestThatWasSigned) {
  EXPECT_EQ(Outcome(Signed()), "verified");
  EXPECT_EQ(Outcome(Signed(kTask), "the task's secret"), "verified");
}

TEST(Signature, HoldsWhateverIsDoneToWhatIsNotSigned) {
  http::Request request = Signed();
  request.headers.Set("User-Agent", "proxy/1");
  request.headers.Add("Via", "1.1 proxy");
  EXPECT_EQ(Outcome(request), "verified");
}

TEST(Signature, SigningAgainTakesThePlaceOfTheFirst) {
  http::Request request = Signed(kAnn);
  Sign(request, kTask, kScope, Noon() + minutes(10));
  EXPECT_EQ(Outcome(request, "the task's secret", Noon() + minutes(10)), "verified");
}

TEST(Signature, BreaksWithAnyAlteration) {
  const auto altered = [](auto alter) {
    http::Request request = Signed();
    alter(request);
    return Outcome(request);
  };
  EXPECT_EQ(altered([](auto& r) { r.body += " "; }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.method = "PUT"; }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.target = "/ws"; }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.target = "/?a=b"; }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.headers.Set("Host", "other"); }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.headers.Set("X-Amz-Target", "Other.StopTask"); }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.headers.Add("X-Amz-Target", "Other.StopTask"); }), kMismatch);
  EXPECT_EQ(altered([](auto& r) { r.headers.Set("X-Amz-Date", "20261125T120001Z"); }), kMismatch);
  EXPECT_EQ(Outcome(Signed(), "another secret"), kMismatch);
}

TEST(Signature, IsOfOneRegionAndService) {
  for (const auto& [from, to] :
       {std::pair{"eu-west-1", "us-east-1"}, {"/ecs/", "/iam/"}, {"AKIAANN", "AKIAANN"}}) {
    http::Request request = Signed();
    std::string header(*request.headers.Find("Authorization"));
    header.replace(header.find(from), std::string_view(from).size(), to);
    request.headers.Set("Authorization", header);
    EXPECT_EQ(Outcome(request), std::string_view(from) == to ? "verified" : kMismatch);
  }
}

TEST(Signature, TruncatedOrLengthenedIsNone) {
  std::string header(*Signed().headers.Find("Authorization"));
  EXPECT_EQ(Outcome(With(header.substr(0, header.size() - 1))), kMismatch);
  EXPECT_EQ(Outcome(With(header + "0")), kMismatch);
}

TEST(Signature, LastsFiveMinutesEitherWay) {
  const auto at = [](auto offset) { return Outcome(Signed(), "ann's secret", Noon() + offset); };
  EXPECT_EQ(at(minutes(5)), "verified");
  EXPECT_EQ(at(-minutes(5)), "verified");
  EXPECT_EQ(at(minutes(5) + seconds(1)),
            "InvalidSignatureException: Signature expired: 20261125T120000Z is now earlier than "
            "20261125T120001Z (20261125T120501Z - 5 min.)");
  EXPECT_EQ(at(-minutes(5) - seconds(1)),
            "InvalidSignatureException: Signature not yet current: 20261125T120000Z is still later "
            "than 20261125T115959Z (20261125T115459Z + 5 min.)");
}

TEST(Signature, OfTheEndsOfTimeIsNotCurrent) {
  for (const char* date : {"16770922T000000Z", "22620411T000000Z", "22620411T234715Z"}) {
    http::Request request =
        With(fmt::format("AWS4-HMAC-SHA256 Credential=A/{:.8}/r/ecs/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00",
                         date));
    request.headers.Set("X-Amz-Date", date);
    EXPECT_THAT(Outcome(request), HasSubstr("InvalidSignatureException: Signature ")) << date;
  }
}

TEST(Signature, MustCoverWhatSaysWhatIsAskedFor) {
  const auto signing = [](const char* names) {
    return Outcome(
        With(fmt::format("AWS4-HMAC-SHA256 "
                         "Credential=A/20261125/r/ecs/aws4_request, "
                         "SignedHeaders={}, Signature=00",
                         names)));
  };
  EXPECT_EQ(signing("x-amz-date;x-amz-target"),
            "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS "
            "Authorization.");
  EXPECT_EQ(signing("host;x-amz-target"),
            "InvalidSignatureException: 'X-Amz-Date' must be a 'SignedHeader' in the AWS "
            "Authorization.");
  EXPECT_EQ(signing("host;x-amz-date"),
            "InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS "
            "Authorization.");
  EXPECT_EQ(signing("absent;host;x-amz-date;x-amz-target"),
            "InvalidSignatureException: A header that SignedHeaders lists is not in the request.");
  http::Request request = Signed();
  request.headers.Add("X-Amz-Security-Token", "slipped in");
  EXPECT_EQ(Outcome(request),
            "InvalidSignatureException: 'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS "
            "Authorization.");
}

TEST(Signature, UnsignedRequestsAreToldSo) {
  EXPECT_EQ(Outcome(RunTask()),
            "MissingAuthenticationTokenException: Missing Authentication Token");
}

TEST(Signature, EverythingThatIsMissingIsSaid) {
  http::Request request = RunTask();
  request.headers.Add("Authorization", "AWS4-HMAC-SHA256 Credential=,Signature=");
  EXPECT_EQ(Outcome(request),
            "IncompleteSignatureException: Authorization header requires 'Credential' parameter. "
            "Authorization header requires 'Signature' parameter. Authorization header requires "
            "'SignedHeaders' parameter. Authorization header requires existence of a 'X-Amz-Date' "
            "header.");
}

TEST(Signature, MalformedOnesAreRefusedWithoutRepeatingThem) {
  constexpr std::string_view kHeaders = "SignedHeaders=host;x-amz-date;x-amz-target";
  const std::string scope = "Credential=K/20261125/r/ecs/aws4_request";
  const std::string tail = fmt::format(", {}, Signature=5EC2E7", kHeaders);
  const std::string cases[] = {
      "Bearer 5EC2E7",
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA2565EC2E7",
      "AWS4-HMAC-SHA512 " + scope + tail,
      "AWS4-HMAC-SHA256 5EC2E7",
      "AWS4-HMAC-SHA256 " + scope + tail + tail,
      "AWS4-HMAC-SHA256 " + scope + tail + ", Token=5EC2E7",
      "AWS4-HMAC-SHA256 Credential=5EC2E7" + tail,
      "AWS4-HMAC-SHA256 Credential=5EC2E7/x/20261125/r/ecs/aws4_request" + tail,
      "AWS4-HMAC-SHA256 Credential=/20261125/r/ecs/aws4_request" + tail,
      "AWS4-HMAC-SHA256 Credential=5EC2E7//r/ecs/aws4_request" + tail,
      "AWS4-HMAC-SHA256 " + scope + ", Signature=5EC2E7, SignedHeaders=" + std::string(200, ';'),
  };
  for (const std::string& header : cases) {
    EXPECT_THAT(Outcome(With(header)), HasSubstr("IncompleteSignatureException: ")) << header;
    EXPECT_THAT(Outcome(With(header)), Not(HasSubstr("5EC2E7"))) << header;
  }
}

TEST(Signature, IsOfTheDayInItsScope) {
  for (const char* day : {"2026", "20261124", "20261125T"}) {
    EXPECT_THAT(Outcome(With(fmt::format("AWS4-HMAC-SHA256 Credential=K/{}/r/ecs/aws4_request, "
                                         "SignedHeaders=host, Signature=00",
                                         day))),
                HasSubstr("InvalidSignatureException: Date in Credential scope does not match"));
  }
}

TEST(Signature, ComesOnceAndInTheHeader) {
  http::Request twice = Signed();
  twice.headers.Add("authorization", std::string(*twice.headers.Find("Authorization")));
  EXPECT_EQ(Outcome(twice),
            "IncompleteSignatureException: There must be one Authorization header, not several.");
  http::Request query = RunTask();
  query.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00";
  EXPECT_EQ(Outcome(query),
            "IncompleteSignatureException: A signature must be in the Authorization header, not in "
            "the query string.");
}

TEST(Signature, OfAPlusAndOfAnEncodedSpaceIsTheSame) {
  http::Request request = RunTask();
  request.target = "/ws?dockerVersion=DockerVersion%3A%2020.10&a=%2b";
  Sign(request, kAnn, kScope, Noon());
  request.target = "/ws?a=%2B&dockerVersion=DockerVersion:+20.10";
  EXPECT_EQ(Outcome(request), "verified");
}

TEST(AmzTime, IsReadAsItIsWritten) {
  EXPECT_EQ(FormatAmzTime(Noon()), "20261125T120000Z");
  for (const char* text :
       {"", "20261125T120000", "20261125T120000z", "2026-11-25T12:00:00Z", "20261131T120000Z",
        "20261125T 20000Z", "2026112 T120000Z", "20261125T120060Z", "99991125T120000Z"}) {
    EXPECT_FALSE(ParseAmzTime(text)) << text;
  }
}

TEST(SignedFrame, IsVerifiedLikeARequest) {
  const http::Request handshake = {.target = "/tcs/ws?cluster=default",
                                   .headers = {{"Host", "127.0.0.1:18080"}}};
  const std::string payload = R"({"type":"x"})";
  const std::string frame = SignFrame(handshake, payload, kTask, kScope, Noon()) + payload;
  const auto read = ReadSignedFrame(handshake.target, frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->payload, payload);
  EXPECT_EQ(Outcome(read->request, "the task's secret"), "verified");
  EXPECT_EQ(Outcome(ReadSignedFrame("/tcs/ws?cluster=other", frame)->request, "the task's secret"),
            kMismatch);
  EXPECT_EQ(Outcome(ReadSignedFrame(handshake.target, frame + " ")->request, "the task's secret"),
            kMismatch);
}

TEST(SignedFrame, WithoutAHeaderIsRefused) {
  const auto code = [](std::string_view frame) {
    const auto read = ReadSignedFrame("/ws", frame);
    return read ? Outcome(read->request) : read.error().code;
  };
  EXPECT_EQ(code(R"({"type":"x"})"), "MissingAuthenticationTokenException");
  EXPECT_EQ(code("no colon\r\n\r\n{}"), "IncompleteSignatureException");
  EXPECT_EQ(code("a: " + std::string(20'000, 'a') + "\r\n\r\n{}"), "IncompleteSignatureException");
  EXPECT_THAT(code("Host: a\r\n\r\n{}"), HasSubstr("MissingAuthenticationTokenException"));
}

}  // namespace
}  // namespace berth::ecs
