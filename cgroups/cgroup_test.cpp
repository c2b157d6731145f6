// On a fake tree: what is written where, and what is refused.
#include "cgroups/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A leaf as the kernel makes it when its parent has given it these controllers.
FakeEntry Leaf(const std::string& name, const std::string& controllers,
               std::vector<FakeEntry> files) {
  files.push_back(File("cgroup.controllers", controllers));
  files.push_back(File("cgroup.events", "populated 0\nfrozen 0\n"));
  return Dir(name, std::move(files));
}

std::vector<FakeEntry> Inner(const std::string& controllers, const std::string& enabled,
                             std::vector<FakeEntry> more) {
  more.push_back(File("cgroup.controllers", controllers));
  more.push_back(File("cgroup.subtree_control", enabled));
  return more;
}

Hierarchy At(const FakeTree& tree) {
  return {.kind = HierarchyKind::kUnified, .mount_point = tree.path()};
}

TEST(CgroupTest, WritesTheLimitsThatAreSet) {
  const FakeTree tree(Inner(
      "cpu memory pids", "cpu memory pids",
      {Leaf("web", "cpu memory pids",
            {File("cpu.weight", ""), File("cpu.max", ""), File("memory.max", "max"),
             File("memory.low", "0"), File("memory.swap.max", "max"), File("pids.max", "max")})}));
  const auto cgroup = Cgroup::Create(At(tree), "web",
                                     {.cpu = {.weight = 100, .max = CpuMax{.quota = 25'000}},
                                      .memory = {.max = 268'435'456},
                                      .pids = {.max = 4096}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_EQ(tree.Read("web/cpu.weight"), "100");
  EXPECT_EQ(tree.Read("web/cpu.max"), "25000 100000");
  EXPECT_EQ(tree.Read("web/memory.max"), "268435456");
  EXPECT_EQ(tree.Read("web/memory.low"), "0");
  EXPECT_EQ(tree.Read("web/memory.swap.max"), "max");
  EXPECT_EQ(tree.Read("web/pids.max"), "4096");
  EXPECT_THAT(cgroup->Unenforced(), IsEmpty());
}

TEST(CgroupTest, EnablesTheNeededControllersAllTheWayDown) {
  const FakeTree tree(Inner(
      "cpuset cpu io memory pids", "",
      {Dir("berth",
           Inner("cpu memory pids", "memory",
                 {Dir("task", Inner("memory pids", "",
                                    {Leaf("web", "memory pids",
                                          {File("memory.max", ""), File("pids.max", "")})}))}))}));
  const auto cgroup =
      Cgroup::Create(At(tree), "berth/task/web", {.memory = {.max = 1 << 20}, .pids = {.max = 5}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_EQ(tree.Read("cgroup.subtree_control"), "+memory +pids");
  EXPECT_EQ(tree.Read("berth/cgroup.subtree_control"), "+pidsy");  // over the fake file's "memory"
  EXPECT_EQ(tree.Read("berth/task/cgroup.subtree_control"), "+memory +pids");
}

TEST(CgroupTest, TouchesNoControllerWithoutLimits) {
  const FakeTree tree(Inner("cpu memory", "", {Leaf("web", "", {})}));
  ASSERT_TRUE(Cgroup::Create(At(tree), "web"));
  EXPECT_EQ(tree.Read("cgroup.subtree_control"), "");
}

TEST(CgroupTest, NamesTheLimitsThatTheHostCannotEnforce) {
  const FakeTree tree(Inner("memory", "memory", {Leaf("web", "memory", {File("memory.max", "")})}));
  const auto cgroup = Cgroup::Create(
      At(tree), "web",
      {.cpu = {.weight = 10}, .memory = {.max = 1 << 20, .swap_max = 0}, .pids = {.max = 7}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_THAT(cgroup->Unenforced(), ElementsAre("cpu.weight", "memory.swap.max", "pids.max"));
  EXPECT_EQ(tree.Read("web/memory.max"), "1048576");
}

TEST(CgroupTest, AFileThatTheKernelLacksIsReplacedWhereThereIsAnother) {
  const FakeTree tree(
      Inner("io hugetlb", "io hugetlb",
            {Leaf("web", "io hugetlb", {File("io.bfq.weight", ""), File("hugetlb.2MB.max", "")})}));
  const auto cgroup = Cgroup::Create(
      At(tree), "web", {.io = {.weight = 7}, .hugetlb = {{.page_size = "2MB", .max = 0}}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  EXPECT_EQ(tree.Read("web/io.bfq.weight"), "default 7");
  EXPECT_THAT(cgroup->Unenforced(), IsEmpty());
}

TEST(CgroupTest, AnUpdateChangesWhatIsSet) {
  const FakeTree tree(Inner(
      "memory pids", "memory pids",
      {Leaf("web", "memory pids",
            {File("memory.max", ""), File("memory.current", "4096\n"), File("pids.max", "7")})}));
  auto cgroup = Cgroup::Create(At(tree), "web", {.memory = {.max = 8192}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  ASSERT_TRUE(cgroup->Update({.memory = {.max = 1024}}));
  EXPECT_EQ(tree.Read("web/memory.max"), "1024");
  EXPECT_EQ(tree.Read("web/pids.max"), "7");
}

TEST(CgroupTest, AnUpdateBelowWhatIsInUseCanBeRefused) {
  const FakeTree tree(
      Inner("memory", "memory",
            {Leaf("web", "memory", {File("memory.max", ""), File("memory.current", "4096\n")})}));
  auto cgroup = Cgroup::Create(At(tree), "web", {.memory = {.max = 8192}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  const auto updated = cgroup->Update({.memory = {.max = 4095}}, BelowUsage::kRefuse);
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().message(),
            tree.path() + "/web: memory.max of 4095 is less than the 4096 in use");
  EXPECT_EQ(tree.Read("web/memory.max"), "8192");
  EXPECT_TRUE(cgroup->Update({.memory = {.max = 4096}}, BelowUsage::kRefuse));
}

TEST(CgroupTest, NamesThatLeadElsewhereAreRefused) {
  const FakeTree tree(Inner("", "", {}));
  for (const std::string name :
       {"", "/", "/abs", "..", "a/../b", "a//b", "a/", ".", "a/.", "../x"}) {
    const auto cgroup = Cgroup::Create(At(tree), name);
    ASSERT_FALSE(cgroup) << name;
    EXPECT_EQ(cgroup.error().message(),
              fmt::format("cgroup name \"{}\" is not a plain relative path", name));
    EXPECT_FALSE(Cgroup::Open(At(tree), name)) << name;
    EXPECT_FALSE(RemoveTree(At(tree), name)) << name;
  }
}

TEST(CgroupTest, ALinkInTheWayIsNotFollowed) {
  const FakeTree elsewhere({});
  const FakeTree tree(Inner("", "", {}));
  ASSERT_EQ(::symlink(elsewhere.path().c_str(), (tree.path() + "/berth").c_str()), 0);
  const auto cgroup = Cgroup::Create(At(tree), "berth/task");
  ASSERT_FALSE(cgroup);
  EXPECT_TRUE(cgroup.error().Is(ELOOP)) << cgroup.error().message();
}

TEST(CgroupTest, OneThatIsLivedInIsNotTakenOver) {
  const FakeTree tree(Inner(
      "", "",
      {Dir("web", {File("cgroup.controllers", ""), File("cgroup.events", "populated 1\n")})}));
  const auto cgroup = Cgroup::Create(At(tree), "web");
  ASSERT_FALSE(cgroup);
  EXPECT_TRUE(cgroup.error().Is(EBUSY)) << cgroup.error().message();
}

TEST(CgroupTest, AFailedCreateLeavesNothing) {
  // The directories made in this tree lack the kernel's files, so that reading them fails.
  const FakeTree tree(Inner("", "", {}));
  EXPECT_FALSE(Cgroup::Create(At(tree), "berth/task/web", {.memory = {.max = 1 << 20}}));
  EXPECT_FALSE(Exists(tree.path() + "/berth"));
}

TEST(CgroupTest, WithoutCgroup2NothingCanBeMade) {
  const auto cgroup = Cgroup::Create({.kind = HierarchyKind::kLegacy}, "web");
  ASSERT_FALSE(cgroup);
  EXPECT_TRUE(cgroup.error().Is(ENOTSUP));
}

TEST(CgroupTest, ReadsOomKillsOfTheKernel) {
  const FakeTree tree(Inner("", "",
                            {Leaf("web", "", {File("memory.events", "low 0\noom 3\noom_kill 2\n")}),
                             Leaf("without", "", {})}));
  EXPECT_EQ(*Cgroup::Open(At(tree), "web")->OomKills(), 2U);
  EXPECT_EQ(*Cgroup::Open(At(tree), "without")->OomKills(), 0U);
}

}  // namespace
}  // namespace berth::cgroups
