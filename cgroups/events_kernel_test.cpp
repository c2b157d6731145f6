// The kernel's messages, by way of an event loop.
#include "cgroups/events.h"

#include <gtest/gtest.h>

#include "base/event_loop.h"
#include "cgroups/freezer.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;

class EventWatchTest : public KernelTest {
 protected:
  // The next change that the loop tells of, or one without a change after a while.
  EventChange Await(EventWatch& watch) {
    auto loop = *EventLoop::Create();
    EventChange seen;
    bool called = false;
    EXPECT_TRUE(loop.Watch(watch.fd(), [&](uint32_t) {
      called = true;
      const auto change = watch.Read();
      EXPECT_TRUE(change) << change.error().message();
      if (change) seen = *change;
    }));
    const auto deadline = EventLoop::Clock::now() + std::chrono::seconds(5);
    while (!seen.Changed() && EventLoop::Clock::now() < deadline) {
      EXPECT_TRUE(loop.RunOnce(deadline));
    }
    EXPECT_TRUE(called);
    return seen;
  }
  static bool IsReadable(const EventWatch& watch, milliseconds patience) {
    auto loop = *EventLoop::Create();
    bool called = false;
    EXPECT_TRUE(loop.Watch(watch.fd(), [&](uint32_t) { called = true; }));
    EXPECT_TRUE(loop.RunOnce(EventLoop::Clock::now() + patience));
    return called;
  }
};

TEST_F(EventWatchTest, TellsWhenTheFirstComesAndTheLastLeaves) {
  const Cgroup cgroup = Create("/box");
  auto watch = *EventWatch::Open(cgroup.path());
  EXPECT_FALSE(IsReadable(watch, milliseconds(20)));
  const Pidfd& process = Start(cgroup, "exec sleep 60");
  const EventChange came = Await(watch);
  EXPECT_FALSE(came.before.populated);
  EXPECT_TRUE(came.now.populated);
  EXPECT_FALSE(IsReadable(watch, milliseconds(20)));
  ASSERT_TRUE(process.Signal(SIGKILL));
  const EventChange left = Await(watch);
  EXPECT_TRUE(left.before.populated);
  EXPECT_FALSE(left.now.populated);
  EXPECT_FALSE(left.gone);
}

TEST_F(EventWatchTest, TellsOfCgroupsBelow) {
  const Cgroup task = Create("/task");
  const Cgroup web = Create("/task/web");
  auto watch = *EventWatch::Open(task.path());
  Start(web, "sleep 0.05");
  EXPECT_TRUE(Await(watch).now.populated);
  EXPECT_FALSE(Await(watch).now.populated);
}

TEST_F(EventWatchTest, TellsThatItIsFrozen) {
  const Cgroup cgroup = Create("/box");
  auto watch = *EventWatch::Open(cgroup.path());
  ASSERT_TRUE(Freeze(cgroup.path()));
  EXPECT_TRUE(Await(watch).now.frozen);
  ASSERT_TRUE(Thaw(cgroup.path()));
  EXPECT_FALSE(Await(watch).now.frozen);
}

TEST_F(EventWatchTest, WhatCameBeforeItWasOpenedIsKnownAndNoNews) {
  const Cgroup cgroup = Create("/box");
  Start(cgroup, "exec sleep 60");
  auto watch = *EventWatch::Open(cgroup.path());
  EXPECT_FALSE(IsReadable(watch, milliseconds(20)));
  const auto change = watch.Read();
  EXPECT_TRUE(change->before.populated);
  EXPECT_FALSE(change->Changed());
}

TEST_F(EventWatchTest, ReadingTellsThatTheCgroupIsGone) {
  const Cgroup cgroup = Create("/box");
  Start(cgroup, "exec sleep 60");
  auto watch = *EventWatch::Open(cgroup.path());
  ASSERT_TRUE(cgroup.Kill());
  ASSERT_TRUE(cgroup.Remove());
  const auto change = watch.Read();
  ASSERT_TRUE(change) << change.error().message();
  EXPECT_TRUE(change->gone);
  EXPECT_TRUE(change->before.populated);
  EXPECT_FALSE(change->now.populated);
  EXPECT_TRUE(watch.Read()->gone) << "once more";
}

TEST_F(EventWatchTest, ARemovedOneCannotBeWatched) {
  const Cgroup cgroup = Create("/box");
  ASSERT_TRUE(cgroup.Remove());
  EXPECT_TRUE(EventWatch::Open(cgroup.path()).error().Is(ENOENT));
}

TEST_F(EventWatchTest, HundredsCanBeWatchedAtOnce) {
  // More than fs.inotify.max_user_instances, which is 128 by default.
  std::vector<EventWatch> watches;
  const Cgroup cgroup = Create("/box");
  for (int i = 0; i < 300; ++i) {
    auto watch = EventWatch::Open(cgroup.path());
    ASSERT_TRUE(watch) << watch.error().message();
    watches.push_back(std::move(watch).Take());
  }
  Start(cgroup, "exec sleep 60");
  for (EventWatch& watch : watches) EXPECT_TRUE(Await(watch).now.populated);
}

}  // namespace
}  // namespace berth::cgroups
