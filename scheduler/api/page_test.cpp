#include "scheduler/api/page.h"

#include <gmock/gmock.h>

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Pages, HoldEverythingIfItFits) {
  const auto page = CutPage({"b", "a", "c"}, {});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->items, ElementsAre("a", "b", "c"));
  EXPECT_FALSE(page->next_token);
}

TEST(Pages, FollowEachOther) {
  const std::vector<std::string> items = {"e", "d", "c", "b", "a"};
  const auto first = CutPage(items, {.max_results = 2});
  EXPECT_THAT(first->items, ElementsAre("a", "b"));
  const auto second = CutPage(items, {.max_results = 2, .next_token = first->next_token});
  EXPECT_THAT(second->items, ElementsAre("c", "d"));
  const auto third = CutPage(items, {.max_results = 2, .next_token = second->next_token});
  EXPECT_THAT(third->items, ElementsAre("e"));
  EXPECT_FALSE(third->next_token);
}

TEST(Pages, DescendIfTold) {
  const auto first = CutPage({"a", "b", "c"}, {.max_results = 1}, PageOrder::kDescending);
  EXPECT_THAT(first->items, ElementsAre("c"));
  const auto rest =
      CutPage({"a", "b", "c"}, {.next_token = first->next_token}, PageOrder::kDescending);
  EXPECT_THAT(rest->items, ElementsAre("b", "a"));
}

TEST(Pages, StayRightWhileItemsComeAndGo) {
  const auto first = CutPage({"a", "c", "e"}, {.max_results = 2});
  const auto second = CutPage({"b", "d", "e"}, {.next_token = first->next_token});
  EXPECT_THAT(second->items, ElementsAre("d", "e"));
}

TEST(Pages, HaveBounds) {
  for (const int64_t size : {int64_t{0}, int64_t{-1}, int64_t{101}}) {
    EXPECT_EQ(CutPage({}, {.max_results = size}).error().code, "InvalidParameterException");
  }
  EXPECT_THAT(CutPage({}, {.max_results = 100})->items, IsEmpty());
}

TEST(Pages, RefuseTokensThatAreNotTheirs) {
  for (const char* token : {"zz", "abc", "6-", "+6"}) {
    EXPECT_EQ(CutPage({"a"}, {.next_token = token}).error().message, "Invalid token.") << token;
  }
  EXPECT_THAT(CutPage({"a"}, {.next_token = ""})->items, ElementsAre("a"));
}

}  // namespace
}  // namespace berth::scheduler
