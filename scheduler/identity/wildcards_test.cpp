#include "scheduler/identity/wildcards.h"

#include <gtest/gtest.h>

#include <string>

namespace berth::scheduler {
namespace {

TEST(Wildcards, StarIsAnyTextAndQuestionMarkAnyCharacter) {
  EXPECT_TRUE(MatchesWildcards("", ""));
  EXPECT_TRUE(MatchesWildcards("*", ""));
  EXPECT_TRUE(MatchesWildcards("a*c*e", "abcde"));
  EXPECT_TRUE(MatchesWildcards("a*b", "aab*b"));
  EXPECT_TRUE(MatchesWildcards("??", "ab"));
  EXPECT_FALSE(MatchesWildcards("?", ""));
  EXPECT_FALSE(MatchesWildcards("??", "a"));
  EXPECT_FALSE(MatchesWildcards("a*c", "abcd"));
  EXPECT_FALSE(MatchesWildcards("A", "a"));
}

TEST(Wildcards, ManyStarsTakeNoTimeThatExplodes) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "*a";
  EXPECT_FALSE(MatchesWildcards(pattern + "b", std::string(4000, 'a')));
}

TEST(ArnPattern, WildcardsStayWithinTheirPart) {
  constexpr std::string_view kTask = "arn:aws:ecs:eu-west-1:123456789012:task/default/0af";
  EXPECT_TRUE(MatchesArn("*", kTask));
  EXPECT_TRUE(MatchesArn("arn:aws:ecs:*:*:task/*", kTask));
  EXPECT_TRUE(MatchesArn("arn:aws:ecs:eu-w??t-1:*:task/default/*", kTask));
  EXPECT_TRUE(MatchesArn("arn:*:*:*:*:*", kTask));
  EXPECT_FALSE(MatchesArn("arn:aws:ecs:*:task/default/0af", kTask));
  EXPECT_FALSE(MatchesArn("arn:aws:ecs:*", kTask));
  EXPECT_FALSE(MatchesArn("arn:aws:ecs:*:*:service/*", kTask));
  EXPECT_FALSE(MatchesArn("arn:aws:ecs:*:*:task/*", "*"));
  EXPECT_TRUE(MatchesArn("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:a:1:log-group:web:x"));
}

}  // namespace
}  // namespace berth::scheduler
