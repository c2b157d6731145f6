#include "runtime/cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::runtime::cli {
namespace {

using testing::ElementsAre;

constexpr Option kSome[] = {
    {"bundle", 'b', "DIR", "A directory"},
    {"detach", 'd', nullptr, "Go on"},
    {"env", 'e', "NAME=VALUE", "A variable"},
};

Result<Arguments> Parse(std::vector<std::string> words, Order order = Order::kAnywhere) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return ParseArguments(kSome, order, pointers);
}

TEST(Arguments, TakesEveryForm) {
  const auto arguments = Parse({"--bundle=/a", "-d", "c1", "-e", "A=1", "--env", "B=2", "-eC=3"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->Value("bundle"), "/a");
  EXPECT_TRUE(arguments->Has("detach"));
  EXPECT_THAT(arguments->Values("env"), ElementsAre("A=1", "B=2", "C=3"));
  EXPECT_THAT(arguments->words(), ElementsAre("c1"));
}

TEST(Arguments, SwitchesMayBeSetByAValue) {
  EXPECT_TRUE(Parse({"--detach=true"})->Has("detach"));
  EXPECT_FALSE(Parse({"-d", "--detach=false"})->Has("detach"));
  EXPECT_TRUE(Parse({"--detach=0", "-d"})->Has("detach"));
  EXPECT_EQ(Parse({"--detach=maybe"}).error().message(), "--detach=maybe: must be true or false");
  EXPECT_THAT(Parse({"--detach", "false"})->words(), ElementsAre("false"));
}

TEST(Arguments, LeavesTheOptionsOfAProgramAlone) {
  const auto arguments = Parse({"-d", "c1", "ls", "-d", "--bundle"}, Order::kOptionsFirst);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(arguments->words(), ElementsAre("c1", "ls", "-d", "--bundle"));
  EXPECT_FALSE(arguments->Has("bundle"));
}

TEST(Arguments, NamesWhatIsWrong) {
  EXPECT_EQ(Parse({"c1", "--nope"}).error().message(), "unknown option --nope");
  EXPECT_EQ(Parse({"-x"}).error().message(), "unknown option -x");
  EXPECT_EQ(Parse({"--bundle"}).error().message(), "--bundle needs a value");
  const auto arguments = Parse({"--bundle", "x1"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->Number("bundle", 0).error().message(),
            "--bundle x1: must be a number from 0 up");
}

}  // namespace
}  // namespace berth::runtime::cli
