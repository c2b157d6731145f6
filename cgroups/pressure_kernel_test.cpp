// Processes that really wait for each other.
#include "cgroups/pressure.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <unistd.h>

#include "base/event_loop.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

// Without CAP_SYS_RESOURCE no other window is had.
constexpr PressureThreshold kBusy = {
    .resource = PressureResource::kCpu, .stall = milliseconds(100), .window = seconds(2)};

class PressureKernelTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    const auto pressure = ReadPressure(Create("/try").path(), PressureResource::kCpu);
    if (!pressure) GTEST_SKIP() << pressure.error().message();
  }
  // Two processes on one processor.
  void StartContest(const Cgroup& cgroup) {
    cpu_set_t all;
    ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
    }
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    Start(cgroup, "while :; do :; done");
    Start(cgroup, "while :; do :; done");
    ASSERT_EQ(::sched_setaffinity(0, sizeof all, &all), 0);
  }
};

TEST_F(PressureKernelTest, WaitingIsSeen) {
  const Cgroup cgroup = Create("/busy");
  for (const auto resource :
       {PressureResource::kCpu, PressureResource::kMemory, PressureResource::kIo}) {
    const auto before = ReadPressure(cgroup.path(), resource);
    ASSERT_TRUE(before) << before.error().message();
    EXPECT_EQ(before->some.total.count(), 0);
  }
  StartContest(cgroup);
  ::usleep(300'000);
  EXPECT_GT(ReadPressure(cgroup.path(), PressureResource::kCpu)->some.total, milliseconds(50));
}

TEST_F(PressureKernelTest, TellsAnEventLoopOnceAWindow) {
  const Cgroup cgroup = Create("/busy");
  const auto trigger = PressureTrigger::Open(cgroup.path(), kBusy);
  ASSERT_TRUE(trigger) << trigger.error().message();
  auto loop = *EventLoop::Create();
  int calls = 0;
  ASSERT_TRUE(loop.Watch(trigger->fd(), [&](uint32_t) { ++calls; }));
  ASSERT_TRUE(loop.RunOnce(EventLoop::Clock::now() + milliseconds(50)));
  EXPECT_EQ(calls, 0);

  StartContest(cgroup);
  const auto begin = EventLoop::Clock::now();
  while (calls == 0 && EventLoop::Clock::now() < begin + seconds(10)) {
    ASSERT_TRUE(loop.RunOnce(begin + seconds(10)));
  }
  EXPECT_EQ(calls, 1);
  EXPECT_GT((*trigger->Read())->some.total, kBusy.stall);
  // Nothing is to be read, and yet it is quiet until the next window.
  ASSERT_TRUE(loop.RunOnce(EventLoop::Clock::now() + milliseconds(300)));
  EXPECT_EQ(calls, 1);
}

TEST_F(PressureKernelTest, TellsThatTheCgroupIsGone) {
  const Cgroup cgroup = Create("/gone");
  const auto trigger = PressureTrigger::Open(cgroup.path(), kBusy);
  ASSERT_TRUE(trigger) << trigger.error().message();
  EXPECT_TRUE(*trigger->Read());
  auto loop = *EventLoop::Create();
  bool called = false;
  ASSERT_TRUE(loop.Watch(trigger->fd(), [&](uint32_t) { called = true; }));
  ASSERT_TRUE(cgroup.Remove());
  ASSERT_TRUE(loop.RunOnce(EventLoop::Clock::now() + seconds(5)));
  EXPECT_TRUE(called);
  const auto pressure = trigger->Read();
  ASSERT_TRUE(pressure) << pressure.error().message();
  EXPECT_FALSE(*pressure);
}

TEST_F(PressureKernelTest, SaysWhatAThresholdMustBe) {
  PressureThreshold longer = kBusy;
  longer.stall = seconds(3);
  const auto trigger = PressureTrigger::Open(Create("/box").path(), longer);
  ASSERT_FALSE(trigger);
  EXPECT_TRUE(trigger.error().Is(EINVAL));
  EXPECT_THAT(trigger.error().message(),
              HasSubstr("box/cpu.pressure: set the trigger \"some 3000000 2000000\": the window"));
}

}  // namespace
}  // namespace berth::cgroups
