// Processes that really stop and go on.
#include "cgroups/freezer.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "base/clone.h"
#include "cgroups/fake_tree.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;

class FreezerKernelTest : public KernelTest {
 protected:
  // A shell that makes its file longer all the time.
  Pidfd& StartWriter(const Cgroup& cgroup) {
    Pidfd& process =
        Start(cgroup, "while :; do echo >> " + dir_.path() + "/ticks; sleep 0.002; done");
    AwaitTicks(Ticks() + 1);
    return process;
  }
  size_t Ticks() const {
    const std::string ticks = dir_.Read("ticks");
    return ticks == "(none)" ? 0 : ticks.size();
  }
  void AwaitTicks(size_t wished) const {
    for (int i = 0; i < 1000 && Ticks() < wished; ++i) ::usleep(5'000);
    ASSERT_GE(Ticks(), wished);
  }
  bool Runs() const {
    const size_t before = Ticks();
    ::usleep(60'000);
    return Ticks() > before;
  }

  FakeTree dir_{std::vector<FakeEntry>()};
};

TEST_F(FreezerKernelTest, StopsProcessesAndLetsThemGoOn) {
  const Cgroup cgroup = Create("/box");
  StartWriter(cgroup);
  EXPECT_EQ(*ReadFreezerState(cgroup.path()), FreezerState::kThawed);
  ASSERT_TRUE(Freeze(cgroup.path()));
  EXPECT_EQ(*ReadFreezerState(cgroup.path()), FreezerState::kFrozen);
  EXPECT_FALSE(Runs());
  ASSERT_TRUE(Freeze(cgroup.path())) << "once more";
  ASSERT_TRUE(Thaw(cgroup.path()));
  EXPECT_EQ(*ReadFreezerState(cgroup.path()), FreezerState::kThawed);
  AwaitTicks(Ticks() + 2);
}

TEST_F(FreezerKernelTest, AnEmptyOneFreezesToo) {
  const Cgroup cgroup = Create("/box");
  ASSERT_TRUE(Freeze(cgroup.path(), milliseconds(500)));
  ASSERT_TRUE(Thaw(cgroup.path(), milliseconds(500)));
}

TEST_F(FreezerKernelTest, CgroupsBelowAreFrozenAndThawedWithIt) {
  const Cgroup task = Create("/task");
  const Cgroup web = Create("/task/web");
  StartWriter(web);
  ASSERT_TRUE(Freeze(task.path()));
  EXPECT_EQ(*ReadFreezerState(web.path()), FreezerState::kFrozen);
  EXPECT_FALSE(Runs());
  EXPECT_TRUE(Thaw(web.path()).error().Is(EBUSY));
  EXPECT_FALSE(Runs());
  ASSERT_TRUE(Thaw(task.path()));
  EXPECT_EQ(*ReadFreezerState(web.path()), FreezerState::kThawed);
  AwaitTicks(Ticks() + 2);
}

TEST_F(FreezerKernelTest, OneThatWasFrozenByItselfStaysSoWhenTheOneAboveIsThawed) {
  const Cgroup task = Create("/task");
  const Cgroup web = Create("/task/web");
  StartWriter(web);
  ASSERT_TRUE(Freeze(web.path()));
  ASSERT_TRUE(Freeze(task.path()));
  ASSERT_TRUE(Thaw(task.path()));
  EXPECT_EQ(*ReadFreezerState(web.path()), FreezerState::kFrozen);
  EXPECT_FALSE(Runs());
  ASSERT_TRUE(Thaw(web.path()));
  AwaitTicks(Ticks() + 2);
}

// vfork(2)'s parent sleeps where no signal wakes it; it must count as stopped all the same.
TEST_F(FreezerKernelTest, AParentThatWaitsInVforkDoesNotHoldItUp) {
  const Cgroup cgroup = Create("/box");
  const auto pid = sys::Clone({.cgroup_fd = cgroup.fd()});
  ASSERT_TRUE(pid);
  if (*pid == 0) {
    const auto sleep_a_minute = [](const void*) { ::sleep(60); };
    ::_exit(sys::CloneToExecute({.flags = CLONE_VFORK}, sleep_a_minute, nullptr) ? 0 : 1);
  }
  started_.push_back(*Pidfd::Open(*pid));
  for (int i = 0; i < 1000 && cgroup.Processes()->size() < 2; ++i) ::usleep(1'000);
  const auto frozen = Freeze(cgroup.path());
  EXPECT_TRUE(frozen) << frozen.error().message();
  EXPECT_TRUE(Thaw(cgroup.path()));
}

TEST_F(FreezerKernelTest, AFrozenProcessCanBeKilled) {
  const Cgroup cgroup = Create("/box");
  Pidfd& process = StartWriter(cgroup);
  ASSERT_TRUE(Freeze(cgroup.path()));
  ASSERT_TRUE(process.Signal(SIGKILL));
  EXPECT_TRUE(*process.WaitForEnd(std::chrono::seconds(2)));
}

TEST_F(FreezerKernelTest, OneThatDiesMeanwhileIsNotWaitedFor) {
  // Each round ends in one of the ways there are: frozen first, or gone first.
  for (int round = 0; round < 20; ++round) {
    const Cgroup cgroup = Create("/dying");
    Start(cgroup, "exec sleep 60");
    std::thread killer([&] {
      EXPECT_TRUE(cgroup.Kill());
      EXPECT_TRUE(cgroup.Remove());
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto frozen = Freeze(cgroup.path());
    killer.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    if (!frozen) {
      EXPECT_TRUE(frozen.error().Is(ENODEV) || frozen.error().Is(ENOENT))
          << frozen.error().message();
    }
    EXPECT_TRUE(Thaw(cgroup.path()));
  }
}

TEST_F(FreezerKernelTest, TheRootCannotBeFrozen) {
  EXPECT_TRUE(Freeze(hierarchy_.mount_point).error().Is(ENOTSUP));
}

}  // namespace
}  // namespace berth::cgroups
