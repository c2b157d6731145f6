// On the host's own cgroup2, in cgroups named berth-test-*: what only the kernel can show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"
#include "cgroups/cgroup.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

using testing::HasSubstr;

using CgroupKernelTest = KernelTest;

TEST_F(CgroupKernelTest, AProcessIsBornInItAndSeenThere) {
  const Cgroup cgroup = Create("/a");
  EXPECT_FALSE(*cgroup.Populated());
  const Pidfd& process = Start(cgroup, "exec sleep 60");
  EXPECT_TRUE(*cgroup.Populated());
  EXPECT_THAT(*cgroup.Processes(), testing::ElementsAre(process.pid()));
  EXPECT_THAT(*ReadFile(fmt::format("/proc/{}/cgroup", process.pid())), HasSubstr(name_ + "/a\n"));
}

TEST_F(CgroupKernelTest, RemoveWaitsForTheLastToLeave) {
  const Cgroup cgroup = Create("/leaving");
  Start(cgroup, "sleep 0.2");
  const auto removed = cgroup.Remove(std::chrono::seconds(10));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(Exists(cgroup.path()));
}

TEST_F(CgroupKernelTest, KillingAnEmptyOrRemovedCgroupIsNoError) {
  const Cgroup cgroup = Create("/empty");
  EXPECT_TRUE(cgroup.Kill());
  EXPECT_TRUE(cgroup.Remove());
  EXPECT_TRUE(cgroup.Kill());
  EXPECT_TRUE(cgroup.Remove());
  EXPECT_TRUE(RemoveTree(hierarchy_, name_ + "/empty"));
}

TEST_F(CgroupKernelTest, EveryWishIsEitherInForceOrNamed) {
  const Limits limits = {.cpu = {.weight = 50, .max = CpuMax{.quota = 50'000}},
                         .memory = {.max = 64 << 20},
                         .pids = {.max = 50}};
  const auto cgroup = Cgroup::Create(hierarchy_, name_ + "/limited", limits);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  for (const std::string file : {"cpu.weight", "cpu.max", "memory.max", "pids.max"}) {
    const auto& names = cgroup->Unenforced();
    const bool unenforced = std::find(names.begin(), names.end(), file) != names.end();
    EXPECT_NE(unenforced, Exists(cgroup->path() + "/" + file)) << file;
  }
  EXPECT_EQ(*cgroup->OomKills(), 0U);
}

}  // namespace
}  // namespace berth::cgroups
