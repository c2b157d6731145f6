#include "scheduler/identity/session_mint.h"

#include <gmock/gmock.h>

#include "ecs/amz_time.h"
#include "scheduler/identity/mint_keys.h"

namespace berth::scheduler {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::MatchesRegex;

const std::string kKey(64, 'a');
const std::string kNextKey(64, 'b');
const SessionWish kWish = {
    .role_arn = "arn:aws:iam::123456789012:role/web", .session_name = "0af1", .lifetime = hours(1)};

WallTime MintTime() { return *ecs::ParseAmzTime("20261125T120000Z"); }

std::string Outcome(const SessionMint& mint, const ecs::AwsCredentials& credentials,
                    WallTime now = MintTime()) {
  const auto claims = mint.Open(credentials.session_token, credentials.access_key_id, now);
  if (!claims) return claims.error().code + ": " + claims.error().message;
  return claims->secret_access_key == credentials.secret_access_key ? "opened" : "another secret";
}

constexpr const char* kNoSuchSession =
    "UnrecognizedClientException: The security token included in the request is invalid.";

TEST(SessionMint, MakesCredentialsThatLookLikeAwss) {
  const MintedSession minted = SessionMint::Make(kKey)->Mint(kWish, MintTime());
  EXPECT_THAT(minted.credentials.access_key_id, MatchesRegex("ASIA[A-Z2-7]{16}"));
  EXPECT_THAT(minted.credentials.secret_access_key, MatchesRegex("[A-Za-z0-9+/]{40}"));
  EXPECT_THAT(minted.credentials.session_token, MatchesRegex("[A-Za-z0-9+/]+=*"));
  EXPECT_EQ(minted.expiration, MintTime() + hours(1));
}

TEST(SessionMint, OpensWhatAnyMintOfTheSameKeyMade) {
  const MintedSession minted = SessionMint::Make(kKey)->Mint(kWish, MintTime());
  const ecs::AwsCredentials& credentials = minted.credentials;
  const auto claims = SessionMint::Make(kKey)->Open(credentials.session_token,
                                                    credentials.access_key_id, MintTime());
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->role_arn, kWish.role_arn);
  EXPECT_EQ(claims->session_name, kWish.session_name);
  EXPECT_EQ(claims->secret_access_key, credentials.secret_access_key);
  EXPECT_EQ(claims->expiration, minted.expiration);
}

TEST(SessionMint, SaysWhenASessionIsOver) {
  const SessionMint mint = *SessionMint::Make(kKey);
  const MintedSession minted = mint.Mint(kWish, MintTime() + milliseconds(999));
  EXPECT_EQ(minted.expiration, MintTime() + hours(1)) << "not in whole seconds";
  EXPECT_EQ(Outcome(mint, minted.credentials, MintTime() + hours(1) - seconds(1)), "opened");
  EXPECT_EQ(Outcome(mint, minted.credentials, MintTime() + hours(1)),
            "ExpiredTokenException: The security token included in the request is expired");
}

TEST(SessionMint, RefusesTokensOfAnotherKeyOrKeyId) {
  const SessionMint mint = *SessionMint::Make(kKey);
  ecs::AwsCredentials credentials = mint.Mint(kWish, MintTime()).credentials;
  EXPECT_EQ(Outcome(*SessionMint::Make(kNextKey), credentials), kNoSuchSession);
  credentials.access_key_id.back() = credentials.access_key_id.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(Outcome(mint, credentials), kNoSuchSession);
}

TEST(SessionMint, RefusesTokensWithAnyCharacterAltered) {
  const SessionMint mint = *SessionMint::Make(kKey);
  const ecs::AwsCredentials credentials = mint.Mint(kWish, MintTime()).credentials;
  for (size_t i = 0; i < credentials.session_token.size(); ++i) {
    ecs::AwsCredentials altered = credentials;
    altered.session_token[i] = altered.session_token[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(Outcome(mint, altered), "opened") << i;
  }
}

TEST(SessionMint, RefusesWhatIsNoToken) {
  const SessionMint mint = *SessionMint::Make(kKey);
  for (const std::string& token :
       {std::string(), std::string("AAAA"), std::string("!!!!"), std::string("===="),
        std::string(40, 'A'), std::string(41, 'A'), std::string(8192, 'A')}) {
    EXPECT_EQ(Outcome(mint, {.access_key_id = "ASIA", .session_token = token}), kNoSuchSession);
  }
}

TEST(SessionMint, AcceptsThePreviousKeyAndMintsWithTheNew) {
  const SessionMint before = *SessionMint::Make(kKey);
  const SessionMint after = *SessionMint::Make(kNextKey, kKey);
  EXPECT_EQ(Outcome(after, before.Mint(kWish, MintTime()).credentials), "opened");
  EXPECT_EQ(Outcome(before, after.Mint(kWish, MintTime()).credentials), kNoSuchSession);
  EXPECT_EQ(Outcome(*SessionMint::Make(kNextKey), after.Mint(kWish, MintTime()).credentials),
            "opened");
}

TEST(SessionMint, MintsNothingTwice) {
  const SessionMint mint = *SessionMint::Make(kKey);
  const auto a = mint.Mint(kWish, MintTime()).credentials;
  const auto b = mint.Mint(kWish, MintTime()).credentials;
  EXPECT_NE(a.access_key_id, b.access_key_id);
  EXPECT_NE(a.secret_access_key, b.secret_access_key);
  EXPECT_NE(a.session_token, b.session_token);
}

TEST(SessionMint, NeedsAKeyOf32Bytes) {
  EXPECT_FALSE(SessionMint::Make(""));
  for (const std::string& key :
       {std::string(62, 'a'), std::string(63, 'a'), std::string(66, 'a'), std::string(64, 'x')}) {
    EXPECT_FALSE(SessionMint::Make(key));
    EXPECT_FALSE(SessionMint::Make(kKey, key));
  }
}

TEST(AccessKey, LooksLikeAwss) {
  const ecs::AwsCredentials key = MintAccessKey();
  EXPECT_THAT(key.access_key_id, MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_THAT(key.secret_access_key, MatchesRegex("[A-Za-z0-9+/]{40}"));
  EXPECT_EQ(key.session_token, "");
  EXPECT_NE(MintAccessKey().secret_access_key, key.secret_access_key);
}

}  // namespace
}  // namespace berth::scheduler
