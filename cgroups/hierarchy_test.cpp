#include "cgroups/hierarchy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Line(const std::string& place, const std::string& type, const std::string& options,
                 const std::string& root = "/") {
  return fmt::format("31 23 0:28 {} {} rw,relatime shared:9 - {} {} {}\n", root, place, type, type,
                     options);
}

// What is detected with these lines of mountinfo.
Hierarchy Detect(const std::string& mountinfo, const std::string& self_cgroup = "0::/\n") {
  const FakeTree proc({File("mountinfo", mountinfo), File("cgroup", self_cgroup)});
  auto hierarchy = DetectHierarchy(
      {.mountinfo = proc.path() + "/mountinfo", .self_cgroup = proc.path() + "/cgroup"});
  EXPECT_TRUE(hierarchy) << hierarchy.error().message();
  return std::move(hierarchy).ValueOr({});
}

TEST(HierarchyTest, Cgroup2AloneIsUnified) {
  const FakeTree tree({File("cgroup.controllers", "cpuset cpu io memory pids\n")});
  const auto hierarchy = Detect(Line("/proc", "proc", "rw") + Line(tree.path(), "cgroup2", "rw"),
                                "0::/system.slice/berthd.service\n");
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kUnified);
  EXPECT_EQ(hierarchy.mount_point, tree.path());
  EXPECT_EQ(hierarchy.own_path, "/system.slice/berthd.service");
  EXPECT_THAT(hierarchy.controllers, ElementsAre("cpuset", "cpu", "io", "memory", "pids"));
  EXPECT_TRUE(hierarchy.HasController("memory"));
  EXPECT_FALSE(hierarchy.HasController("mem"));
}

TEST(HierarchyTest, FindsAMountWhoseNameIsEscaped) {
  const FakeTree tree({Dir("a b", {File("cgroup.controllers", "pids\n")})});
  const auto hierarchy = Detect(Line(tree.path() + "/a\\040b", "cgroup2", "rw"));
  EXPECT_EQ(hierarchy.mount_point, tree.path() + "/a b");
}

TEST(HierarchyTest, Cgroup2BesideVersion1IsHybrid) {
  const FakeTree tree({Dir("unified", {File("cgroup.controllers", "\n")})});
  const auto hierarchy = Detect(Line(tree.path() + "/memory", "cgroup", "rw,memory") +
                                    Line(tree.path() + "/unified", "cgroup2", "rw"),
                                "4:memory:/a/b\n0::/\n");
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kHybrid);
  EXPECT_EQ(hierarchy.mount_point, tree.path() + "/unified");
  EXPECT_EQ(hierarchy.own_path, "/");
  EXPECT_THAT(hierarchy.controllers, IsEmpty());
}

TEST(HierarchyTest, Version1AloneIsLegacy) {
  const auto hierarchy = Detect(Line("/sys/fs/cgroup/cpu", "cgroup", "rw,cpu"));
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kLegacy);
  EXPECT_FALSE(hierarchy.HasCgroup2());
}

TEST(HierarchyTest, NoCgroupMountIsNone) {
  const auto hierarchy = Detect(Line("/proc", "proc", "rw"));
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kNone);
  EXPECT_FALSE(hierarchy.HasCgroup2());
}

TEST(HierarchyTest, AMountThatIsCoveredByAnotherDoesNotCount) {
  const FakeTree tree({Dir("unified", {})});
  const auto hierarchy = Detect(Line("/sys/fs/cgroup/cpu", "cgroup", "rw,cpu") +
                                Line(tree.path() + "/unified", "cgroup2", "rw"));
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kLegacy);
}

TEST(HierarchyTest, AMountOfAPartIsWhatAContainerMaySee) {
  const FakeTree tree({File("cgroup.controllers", "cpu\n")});
  const auto mount = Line(tree.path(), "cgroup2", "rw", "/pod/web");
  EXPECT_EQ(Detect(mount, "0::/pod/web\n").own_path, "/");
  const auto hierarchy = Detect(mount, "0::/pod/web/inner\n");
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kUnified);
  EXPECT_EQ(hierarchy.mount_point, tree.path());
  EXPECT_EQ(hierarchy.own_path, "/inner");
  EXPECT_EQ(Detect(mount, "0::/pod/webber\n").own_path, "/");
}

TEST(HierarchyTest, AMountOfAllOfItIsPreferred) {
  const FakeTree tree({Dir("part", {File("cgroup.controllers", "\n")}),
                       Dir("all", {File("cgroup.controllers", "cpu\n")}),
                       Dir("again", {File("cgroup.controllers", "\n")})});
  const auto hierarchy = Detect(Line(tree.path() + "/part", "cgroup2", "rw", "/../..") +
                                    Line(tree.path() + "/all", "cgroup2", "rw") +
                                    Line(tree.path() + "/again", "cgroup2", "rw"),
                                "0::/a\n");
  EXPECT_EQ(hierarchy.mount_point, tree.path() + "/all");
  EXPECT_EQ(hierarchy.own_path, "/a");
}

TEST(HierarchyTest, ItsOwnPlaceIsUnknownOutsideOfItsNamespace) {
  const FakeTree tree({File("cgroup.controllers", "cpu\n")});
  EXPECT_EQ(Detect(Line(tree.path(), "cgroup2", "rw", "/../.."), "0::/\n").own_path, "/");
  EXPECT_EQ(Detect(Line(tree.path(), "cgroup2", "rw"), "0::/../x\n").own_path, "/");
}

TEST(HierarchyTest, NamesBeginAtTheMountPoint) {
  const Hierarchy all = {.mount_point = "/sys/fs/cgroup"};
  EXPECT_EQ(all.NameOf("berth/task"), "berth/task");
  const Hierarchy part = {.mount_point = "/sys/fs/cgroup", .root = "/user.slice/a.scope"};
  EXPECT_EQ(part.NameOf("berth/task"), "user.slice/a.scope/berth/task");
  EXPECT_EQ(part.Top(), "/sys/fs/cgroup/user.slice/a.scope");
}

TEST(HierarchyTest, BrokenLinesOfMountinfoArePassedOver) {
  const auto hierarchy = Detect("\n - \na - cgroup2\n1 2 3 - cgroup2 x\n");
  EXPECT_EQ(hierarchy.kind, HierarchyKind::kNone);
}

TEST(HierarchyTest, ThisHostHasOne) {
  const auto hierarchy = DetectHierarchy();
  ASSERT_TRUE(hierarchy) << hierarchy.error().message();
  EXPECT_FALSE(Name(hierarchy->kind).empty());
  EXPECT_EQ(hierarchy->HasCgroup2(), Exists(hierarchy->Top() + "/cgroup.controllers"));
}

}  // namespace
}  // namespace berth::cgroups
