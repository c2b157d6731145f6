#include "agent/images/digest.h"

#include <gtest/gtest.h>

namespace berth::agent::images {
namespace {

// FIPS 180-2, appendix B.1.
constexpr std::string_view kAbc =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsThatOfTheContent) { EXPECT_EQ(Digest::Of("abc").ToString(), kAbc); }

TEST(Digest, IsTheSameInPieces) {
  Sha256 sha;
  sha.Update(std::string_view("a"));
  sha.Update(std::string_view(""));
  sha.Update(std::string_view("bc"));
  EXPECT_EQ(sha.Finish().ToString(), kAbc);
}

TEST(Digest, ReadsWhatItWrites) {
  const auto digest = Digest::Parse(kAbc);
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, Digest::Of("abc"));
  EXPECT_EQ(digest->Short(), "ba7816bf8f01");
}

TEST(Digest, RefusesEverythingElse) {
  EXPECT_EQ(Digest::Parse("sha512:00").error().message(),
            "digest \"sha512:00\" must start with \"sha256:\"");
  const std::string upper = "sha256:" + std::string(64, 'A');
  EXPECT_EQ(Digest::Parse(upper).error().message(),
            "digest \"" + upper + "\" must have 64 lower-case hexadecimal digits");
  EXPECT_FALSE(Digest::Parse("sha256:" + std::string(63, '0')));
  EXPECT_FALSE(Digest::Parse("sha256:" + std::string(65, '0')));
  EXPECT_FALSE(Digest::Parse("sha256:" + std::string(63, '0') + "/"));
  EXPECT_FALSE(Digest::Parse(""));
}

}  // namespace
}  // namespace berth::agent::images
