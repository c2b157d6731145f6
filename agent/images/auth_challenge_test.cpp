#include "agent/images/auth_challenge.h"

#include <gtest/gtest.h>

namespace berth::agent::images {
namespace {

TEST(AuthChallenge, HasAllItsParameters) {
  const auto challenge = AuthChallenge::Parse(
      "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\", "
      "Scope=\"repository:a/b:pull,push\",error=invalid");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->scheme, "bearer");
  EXPECT_EQ(challenge->Parameter("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(challenge->Parameter("service"), "registry.docker.io");
  EXPECT_EQ(challenge->Parameter("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(challenge->Parameter("error"), "invalid");
  EXPECT_EQ(challenge->Parameter("none"), "");
}

TEST(AuthChallenge, EndsWhereAnotherBegins) {
  const auto challenge = AuthChallenge::Parse("Basic realm=\"a \\\"b\\\"\", Bearer realm=\"c\"");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->scheme, "basic");
  EXPECT_EQ(challenge->Parameter("realm"), "a \"b\"");
}

TEST(AuthChallenge, SurvivesWhatIsNone) {
  EXPECT_FALSE(AuthChallenge::Parse(""));
  for (const char* odd :
       {"Basic", "Basic ", "Basic =", "Bearer realm=\"open", "Bearer a=,b=\"\\"}) {
    EXPECT_TRUE(AuthChallenge::Parse(odd)) << odd;
  }
}

}  // namespace
}  // namespace berth::agent::images
