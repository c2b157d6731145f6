// On a fake tree, which never stops by itself.
#include "cgroups/freezer.h"

#include <gtest/gtest.h>

#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;

std::vector<FakeEntry> Files(const std::string& freeze, const std::string& frozen) {
  return {File("cgroup.freeze", freeze), File("cgroup.events", "populated 1\nfrozen " + frozen)};
}

TEST(FreezerTest, TellsTheState) {
  const FakeTree tree({Dir("thawed", Files("0\n", "0\n")), Dir("freezing", Files("1\n", "0\n")),
                       Dir("frozen", Files("1\n", "1\n")), Dir("by-parent", Files("0\n", "1\n"))});
  EXPECT_EQ(*ReadFreezerState(tree.path() + "/thawed"), FreezerState::kThawed);
  EXPECT_EQ(*ReadFreezerState(tree.path() + "/freezing"), FreezerState::kFreezing);
  EXPECT_EQ(*ReadFreezerState(tree.path() + "/frozen"), FreezerState::kFrozen);
  EXPECT_EQ(*ReadFreezerState(tree.path() + "/by-parent"), FreezerState::kFrozen);
  EXPECT_TRUE(ReadFreezerState(tree.path() + "/none").error().Is(ENOENT));
}

TEST(FreezerTest, FreezesByTheKernelsFile) {
  const FakeTree tree(Files("0", "1\n"));
  const auto frozen = Freeze(tree.path());
  EXPECT_TRUE(frozen) << frozen.error().message();
  EXPECT_EQ(tree.Read("cgroup.freeze"), "1");
}

TEST(FreezerTest, WhatDoesNotStopInTimeGoesOn) {
  const FakeTree tree(Files("0", "0\n"));
  const auto frozen = Freeze(tree.path(), milliseconds(20));
  ASSERT_FALSE(frozen);
  EXPECT_TRUE(frozen.error().Is(ETIMEDOUT));
  EXPECT_EQ(frozen.error().message(),
            "freeze " + tree.path() + ": a process has not stopped after 20 ms; all go on");
  EXPECT_EQ(tree.Read("cgroup.freeze"), "0");
}

TEST(FreezerTest, GoesOnIfTheStateCannotBeRead) {
  const FakeTree tree({File("cgroup.freeze", "0")});
  EXPECT_TRUE(Freeze(tree.path()).error().Is(ENODEV));
  EXPECT_EQ(tree.Read("cgroup.freeze"), "0");
}

TEST(FreezerTest, SaysThatAnOldKernelHasNoFreezer) {
  const FakeTree tree({File("cgroup.events", "populated 1\n")});
  EXPECT_TRUE(Freeze(tree.path()).error().Is(ENOTSUP));
  EXPECT_TRUE(Thaw(tree.path()).error().Is(ENOTSUP));
}

TEST(FreezerTest, OneThatIsGoneCannotBeFrozenAndNeedNoThawing) {
  EXPECT_TRUE(Freeze("/nonexistent").error().Is(ENOENT));
  EXPECT_TRUE(Thaw("/nonexistent"));
}

TEST(FreezerTest, NamesTheFrozenCgroupAbove) {
  const FakeTree tree(
      {Dir("task", {File("cgroup.freeze", "1\n"),
                    Dir("pod", {File("cgroup.freeze", "0\n"), Dir("web", Files("1", "1\n"))})})});
  const std::string web = tree.path() + "/task/pod/web";
  const auto thawed = Thaw(web);
  ASSERT_FALSE(thawed);
  EXPECT_TRUE(thawed.error().Is(EBUSY));
  EXPECT_EQ(thawed.error().message(),
            "thaw " + web + ": " + tree.path() + "/task is frozen; thaw that");
  EXPECT_EQ(tree.Read("task/pod/web/cgroup.freeze"), "0");
}

TEST(FreezerTest, SaysIfItDoesNotThaw) {
  const FakeTree tree(Files("1", "1\n"));
  EXPECT_TRUE(Thaw(tree.path(), milliseconds(20)).error().Is(ETIMEDOUT));
}

}  // namespace
}  // namespace berth::cgroups
