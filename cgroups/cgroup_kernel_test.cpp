// On the host's own cgroup2, in cgroups named berth-test-*: what only the kernel can show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "cgroups/cgroup.h"
#include "cgroups/kill.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class CgroupKernelTest : public testing::Test {
 protected:
  void SetUp() override {
    hierarchy_ = *DetectHierarchy();
    if (::geteuid() != 0 || !hierarchy_.HasCgroup2() || !Cgroup::Create(hierarchy_, name_)) {
      GTEST_SKIP() << "needs root and a writable cgroup2";
    }
  }
  void TearDown() override {
    if (!hierarchy_.HasCgroup2()) return;
    EXPECT_TRUE(RemoveTree(hierarchy_, name_));
    EXPECT_FALSE(Exists(hierarchy_.mount_point + "/" + name_));
    for (Pidfd& process : started_) static_cast<void>(process.Reap());
  }
  Cgroup Create(const std::string& below) {
    auto cgroup = Cgroup::Create(hierarchy_, name_ + below);
    EXPECT_TRUE(cgroup) << cgroup.error().message();
    return std::move(cgroup).Take();
  }
  // Starts a shell in the cgroup; it ends with the cgroup at the latest.
  Pidfd& Start(const Cgroup& cgroup, const std::string& script) {
    auto process = Spawn({.argv = {"/bin/sh", "-c", script}, .cgroup_fd = cgroup.fd()});
    EXPECT_TRUE(process) << process.error().message();
    started_.push_back(std::move(process).Take());
    return started_.back();
  }

  const std::string name_ = "berth-test-" + RandomHex(4);
  Hierarchy hierarchy_;
  std::vector<Pidfd> started_;
};

TEST_F(CgroupKernelTest, AProcessIsBornInItAndSeenThere) {
  const Cgroup cgroup = Create("/a");
  EXPECT_FALSE(*cgroup.Populated());
  const Pidfd& process = Start(cgroup, "exec sleep 60");
  EXPECT_TRUE(*cgroup.Populated());
  EXPECT_THAT(*cgroup.Processes(), testing::ElementsAre(process.pid()));
  EXPECT_THAT(*ReadFile(fmt::format("/proc/{}/cgroup", process.pid())), HasSubstr(name_ + "/a\n"));
}

TEST_F(CgroupKernelTest, KillsADeepTreeWhole) {
  std::string below;
  for (int depth = 0; depth < 12; ++depth) {
    below += "/d";
    Start(Create(below), "sleep 60 & sleep 60 & wait");
  }
  const Cgroup top = *Cgroup::Open(hierarchy_, name_ + "/d");
  EXPECT_GE(top.Processes()->size(), 12U);
  ASSERT_TRUE(top.Kill());
  const auto removed = top.Remove();
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(Exists(top.path()));
}

TEST_F(CgroupKernelTest, KillsWhatForksAllTheTime) {
  const Cgroup cgroup = Create("/forks");
  Start(cgroup, "while :; do sleep 0 & sleep 0; done");
  ::usleep(50'000);
  ASSERT_TRUE(cgroup.Kill());
  const auto removed = cgroup.Remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

TEST_F(CgroupKernelTest, KillsOneByOneWhereTheKernelHasNoCgroupKill) {
  const Cgroup cgroup = Create("/old");
  const Cgroup child = Create("/old/child");
  Start(cgroup, "while :; do sleep 0 & sleep 0; done");
  Start(child, "sleep 60 & sleep 60 & wait");
  ::usleep(50'000);
  const auto killed = KillOneByOne(cgroup.path());
  ASSERT_TRUE(killed) << killed.error().message();
  const auto removed = cgroup.Remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

TEST_F(CgroupKernelTest, RemoveWaitsForTheLastToLeave) {
  const Cgroup cgroup = Create("/leaving");
  Start(cgroup, "sleep 0.2");
  const auto removed = cgroup.Remove(std::chrono::seconds(10));
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(Exists(cgroup.path()));
}

TEST_F(CgroupKernelTest, RemoveGivesUpAndNamesWhoIsThere) {
  const Cgroup cgroup = Create("/stays");
  const Pidfd& process = Start(cgroup, "exec sleep 60");
  const auto removed = cgroup.Remove(milliseconds(30));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message(),
            fmt::format("remove {}: in use after 30 ms; still there: {} (sleep)", cgroup.path(),
                        process.pid()));
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
