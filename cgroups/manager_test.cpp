#include "cgroups/manager.h"

#include <gtest/gtest.h>

namespace berth::cgroups {
namespace {

const Hierarchy kOnUnified = {.kind = HierarchyKind::kUnified, .mount_point = "/sys/fs/cgroup"};
const Hierarchy kOnHybrid = {.kind = HierarchyKind::kHybrid,
                             .mount_point = "/sys/fs/cgroup/unified"};

TEST(ManagerTest, SystemdIsTakenWhereItOwnsTheTree) {
  EXPECT_EQ(*ChooseManager(Manager::kAuto, kOnUnified, true), Manager::kSystemd);
  EXPECT_EQ(*ChooseManager(Manager::kAuto, kOnUnified, false), Manager::kCgroupfs);
  EXPECT_EQ(*ChooseManager(Manager::kAuto, kOnHybrid, true), Manager::kCgroupfs);
}

TEST(ManagerTest, AWishIsHeededOrRefused) {
  EXPECT_EQ(*ChooseManager(Manager::kCgroupfs, kOnUnified, true), Manager::kCgroupfs);
  EXPECT_EQ(*ChooseManager(Manager::kSystemd, kOnUnified, true), Manager::kSystemd);
  EXPECT_EQ(ChooseManager(Manager::kSystemd, kOnUnified, false).error().message(),
            "systemd can't make cgroups: it does not run this host");
  EXPECT_EQ(ChooseManager(Manager::kSystemd, kOnHybrid, true).error().message(),
            "systemd can't make cgroups for tasks: the hierarchy is hybrid, not unified");
}

TEST(ManagerTest, NamesAreReadAsTheyAreWritten) {
  for (const Manager manager : {Manager::kAuto, Manager::kCgroupfs, Manager::kSystemd}) {
    EXPECT_EQ(ParseManager(Name(manager)), manager);
  }
  EXPECT_FALSE(ParseManager("Systemd"));
}

}  // namespace
}  // namespace berth::cgroups
