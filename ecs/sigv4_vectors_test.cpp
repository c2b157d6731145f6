// AWS's published test suite for Signature Version 4 (aws-sig-v4-test-suite, as it is in
// awslabs/aws-c-auth, tests/aws-signing-test-suite/v4, header signing, normalised paths): what was
// signed, and the signature. Left out are header values of several lines, which HTTP has no more
// (RFC 9112, 5.2).
#include <gmock/gmock.h>

#include "base/text.h"
#include "ecs/amz_time.h"
#include "ecs/sigv4.h"

namespace berth::ecs {
namespace {

struct Vector {
  const char* name;
  const char* method = "GET";
  const char* target = "/";
  std::vector<http::Headers::Field> headers = {};  // besides Host and X-Amz-Date
  const char* body = "";
  const char* signed_headers = "host;x-amz-date";
  const char* signature;
  const char* session_token = "";
};

constexpr const char* kAlphabet =
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const std::string kUnreservedPath = std::string("/") + kAlphabet;
const std::string kUnreservedQuery = fmt::format("/?{0}={0}", kAlphabet);

constexpr const char* kPlainGet =
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
constexpr const char* kPlainPost =
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
constexpr const char* kFormHash =
    "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
constexpr const char* kToken =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSP"
    "fIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT"
    "7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlz"
    "m8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

const std::vector<Vector>& Vectors() {
  static const std::vector<Vector> kVectors = {
      {.name = "get-vanilla", .signature = kPlainGet},
      {.name = "get-vanilla-query", .signature = kPlainGet},
      {.name = "get-vanilla-empty-query-key",
       .target = "/?Param1=value1",
       .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {.name = "get-vanilla-query-order-key-case",
       .target = "/?Param2=value2&Param1=value1",
       .signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {.name = "get-vanilla-query-order-encoded",
       .target = "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
       .signature = "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
      {.name = "get-vanilla-query-unreserved",
       .target = kUnreservedQuery.c_str(),
       .signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
      {.name = "get-vanilla-utf8-query",
       .target = "/?\xe1\x88\xb4=bar",
       .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {.name = "get-unreserved",
       .target = kUnreservedPath.c_str(),
       .signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {.name = "get-utf8",
       .target = "/\xe1\x88\xb4",
       .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {.name = "get-space-normalized",
       .target = "/example space/",
       .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {.name = "get-relative-normalized", .target = "/example/..", .signature = kPlainGet},
      {.name = "get-relative-relative-normalized",
       .target = "/example1/example2/../..",
       .signature = kPlainGet},
      {.name = "get-slash-normalized", .target = "//", .signature = kPlainGet},
      {.name = "get-slash-dot-slash-normalized", .target = "/./", .signature = kPlainGet},
      {.name = "get-slash-pointless-dot-normalized",
       .target = "/./example",
       .signature = "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
      {.name = "get-slashes-normalized",
       .target = "//example//",
       .signature = "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {.name = "get-header-key-duplicate",
       .headers = {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
       .signed_headers = "host;my-header1;x-amz-date",
       .signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {.name = "get-header-value-order",
       .headers = {{"My-Header1", "value4"},
                   {"My-Header1", "value1"},
                   {"My-Header1", "value3"},
                   {"My-Header1", "value2"}},
       .signed_headers = "host;my-header1;x-amz-date",
       .signature = "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
      {.name = "get-header-value-trim",
       .headers = {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       .signed_headers = "host;my-header1;my-header2;x-amz-date",
       .signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {.name = "get-vanilla-with-session-token",
       .signed_headers = "host;x-amz-date;x-amz-security-token",
       .signature = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
       .session_token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"},
      {.name = "post-vanilla", .method = "POST", .signature = kPlainPost},
      {.name = "post-vanilla-query",
       .method = "POST",
       .target = "/?Param1=value1",
       .signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
      {.name = "post-header-key-sort",
       .method = "POST",
       .headers = {{"My-Header1", "value1"}},
       .signed_headers = "host;my-header1;x-amz-date",
       .signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
      {.name = "post-header-value-case",
       .method = "POST",
       .headers = {{"My-Header1", "VALUE1"}},
       .signed_headers = "host;my-header1;x-amz-date",
       .signature = "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {.name = "post-sts-header-before",
       .method = "POST",
       .signed_headers = "host;x-amz-date;x-amz-security-token",
       .signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
       .session_token = kToken},
      {.name = "post-x-www-form-urlencoded",
       .method = "POST",
       .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                   {"Content-Length", "13"},
                   {"x-amz-content-sha256", kFormHash}},
       .body = "Param1=value1",
       .signed_headers = "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
       .signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
      {.name = "post-x-www-form-urlencoded-parameters",
       .method = "POST",
       .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                   {"Content-Length", "13"},
                   {"x-amz-content-sha256", kFormHash}},
       .body = "Param1=value1",
       .signed_headers = "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
       .signature = "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"},
  };
  return kVectors;
}

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

WallTime Then() { return *ParseAmzTime("20150830T123600Z"); }

http::Request Unsigned(const Vector& vector) {
  http::Request request = {.method = vector.method, .target = vector.target, .body = vector.body};
  request.headers.Add("Host", "example.amazonaws.com");
  for (const auto& [name, value] : vector.headers) request.headers.Add(name, value);
  return request;
}

std::string Authorization(const Vector& vector) {
  return fmt::format(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders={}, Signature={}",
      vector.signed_headers, vector.signature);
}

class PublishedVector : public testing::TestWithParam<Vector> {};

TEST_P(PublishedVector, IsWhatSignMakes) {
  http::Request request = Unsigned(GetParam());
  Sign(request,
       {.access_key_id = "AKIDEXAMPLE",
        .secret_access_key = kSecret,
        .session_token = GetParam().session_token},
       {.region = "us-east-1", .service = "service"}, Then());
  EXPECT_EQ(request.headers.Find("Authorization"), Authorization(GetParam()));
  EXPECT_EQ(request.headers.Find("X-Amz-Date"), "20150830T123600Z");
}

TEST_P(PublishedVector, IsVerified) {
  http::Request request = Unsigned(GetParam());
  request.headers.Add("X-Amz-Date", "20150830T123600Z");
  if (GetParam().session_token[0] != '\0') {
    request.headers.Add("X-Amz-Security-Token", GetParam().session_token);
  }
  request.headers.Add("Authorization", Authorization(GetParam()));
  const auto signature = ReadSignature(request);
  ASSERT_TRUE(signature) << signature.error().message;
  const auto verified = VerifySignature(request, *signature, kSecret, Then());
  EXPECT_TRUE(verified) << verified.error().message;
  EXPECT_FALSE(VerifySignature(request, *signature, "another", Then()));
}

INSTANTIATE_TEST_SUITE_P(Aws, PublishedVector, testing::ValuesIn(Vectors()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace berth::ecs
