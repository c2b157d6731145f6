#include "scheduler/identity/variables.h"

#include <gtest/gtest.h>

#include "scheduler/identity/wildcards.h"

namespace berth::scheduler {
namespace {

std::string Replaced(std::string_view text, ReplacedFor use = ReplacedFor::kText) {
  const AccessRequest request = {.context = {{"aws:username", "ann"},
                                             {"ecs:cluster", "a*:b"},
                                             {"aws:tagkeys", "one"},
                                             {"aws:tagkeys", "two"}}};
  return ReplaceVariables(text, request, use).value_or("(nothing)");
}

TEST(Variables, AreReplacedByTheRequestsValues) {
  EXPECT_EQ(Replaced("home/${aws:username}/${ AWS:UserName }"), "home/ann/ann");
  EXPECT_EQ(Replaced("${*}${?}${$}"), "*?$");
  EXPECT_EQ(Replaced("nothing to replace"), "nothing to replace");
}

TEST(Variables, WithoutOneValueAreEqualToNothing) {
  EXPECT_EQ(Replaced("home/${aws:absent}"), "(nothing)");
  EXPECT_EQ(Replaced("${aws:TagKeys}"), "(nothing)");
  EXPECT_EQ(Replaced("${}"), "(nothing)");
}

TEST(Variables, MayHaveADefault) {
  EXPECT_EQ(Replaced("${aws:username, 'nobody'}"), "ann");
  EXPECT_EQ(Replaced("a/${aws:absent, 'no}body'}/b"), "a/no}body/b");
  EXPECT_EQ(Replaced("${aws:absent, nobody}"), "(nothing)");
  EXPECT_EQ(Replaced("${aws:absent, ''}"), "");
}

TEST(Variables, ThatAreNotClosedAreText) {
  EXPECT_EQ(Replaced("a${aws:username"), "a${aws:username");
  EXPECT_EQ(Replaced("a${x, '}"), "(nothing)");
  EXPECT_EQ(Replaced("${aws:username}${"), "ann${");
}

TEST(Variables, DoNotWidenThePatternTheyAreIn) {
  const std::string pattern = Replaced("arn:aws:s3:::${ecs:cluster}", ReplacedFor::kPattern);
  EXPECT_TRUE(MatchesArn(pattern, "arn:aws:s3:::a*:b"));
  EXPECT_FALSE(MatchesArn(pattern, "arn:aws:s3:::axx:b"));
  EXPECT_TRUE(MatchesWildcards(Replaced("${?}*", ReplacedFor::kPattern), "?x"));
  EXPECT_FALSE(MatchesWildcards(Replaced("${?}*", ReplacedFor::kPattern), "xx"));
  EXPECT_EQ(Replaced("${ecs:cluster}"), "a*:b");
}

}  // namespace
}  // namespace berth::scheduler
