// Ending and removing what does not want to go.
#include "cgroups/kill.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "base/clone.h"
#include "base/files.h"
#include "base/text.h"
#include "cgroups/await_event.h"
#include "cgroups/freezer.h"
#include "cgroups/kernel_test.h"
#include "cgroups/remove.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::IsEmpty;

using KillWay = Result<void> (*)(const std::string& path);

// Forks and forks. Bounded threefold: by the number of processes of a user of its own, by time,
// and by the end of the test. What an earlier one left for init to reap counts for its user.
[[noreturn]] void Explode() {
  const auto nobody_else = static_cast<uid_t>(1'000'000'000 + ::getpid());
  const rlimit some = {.rlim_cur = 100, .rlim_max = 100};
  const auto end = steady_clock::now() + seconds(20);
  if (::setrlimit(RLIMIT_NPROC, &some) != 0) ::_exit(1);
  if (::setresuid(nobody_else, nobody_else, nobody_else) != 0) ::_exit(1);
  while (steady_clock::now() < end) {
    if (::fork() < 0) ::usleep(1'000);  // as many as can be: leave others some time
  }
  ::_exit(0);
}

// A process with a second thread, which it moves into a threaded cgroup.
[[noreturn]] void LiveWithAThreadIn(const std::string& threads_file) {
  std::thread thread([&] {
    const auto moved =
        WriteControlFile(AT_FDCWD, threads_file, std::to_string(::syscall(SYS_gettid)));
    if (!moved) ::_exit(1);
    ::pause();
  });
  ::pause();
  ::_exit(0);
}

class KillTest : public KernelTest, public testing::WithParamInterface<KillWay> {
 protected:
  template <typename Work>
  pid_t Fork(const Cgroup& cgroup, const Work& work) {
    const auto pid = sys::Clone({.cgroup_fd = cgroup.fd()});
    if (pid && *pid == 0) work();
    EXPECT_TRUE(pid) << pid.error().message();
    started_.push_back(*Pidfd::Open(*pid));
    return *pid;
  }
  static void AwaitProcesses(const Cgroup& cgroup, size_t wished) {
    for (int i = 0; i < 5000 && cgroup.Processes()->size() < wished; ++i) ::usleep(1'000);
    ASSERT_GE(cgroup.Processes()->size(), wished);
  }
  // Kills the cgroup by the way under test, and gives how long it took until it was empty.
  milliseconds Kill(const Cgroup& cgroup) {
    const auto begin = steady_clock::now();
    const auto killed = GetParam()(cgroup.path());
    EXPECT_TRUE(killed) << killed.error().message();
    const auto empty = AwaitEvent(
        cgroup.path(), {.key = "populated", .value = 0, .deadline = begin + seconds(30)});
    EXPECT_EQ(*empty, Awaited::kCame);
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  }
};

TEST_P(KillTest, AForkBombIsGoneWithinASecond) {
  const Cgroup cgroup = Create("/bomb");
  Fork(cgroup, Explode);
  AwaitProcesses(cgroup, 60);
  const milliseconds duration = Kill(cgroup);
  RecordProperty("milliseconds", static_cast<int>(duration.count()));
  EXPECT_LT(duration, seconds(1));
  EXPECT_THAT(*cgroup.Processes(), IsEmpty());
}

TEST_P(KillTest, AForkBombThatHasJustStartedIsGoneWhole) {
  for (int round = 0; round < 5; ++round) {
    const Cgroup cgroup = Create("/bomb");
    Fork(cgroup, Explode);
    AwaitProcesses(cgroup, 4);
    Kill(cgroup);
    const auto removed = cgroup.Remove();
    ASSERT_TRUE(removed) << removed.error().message();
  }
}

TEST_P(KillTest, ATreeIsKilledInDepthAndBreadth) {
  const Cgroup top = Create("/top");
  for (const std::string branch : {"/a", "/b", "/c"}) {
    std::string below = "/top";
    for (int depth = 0; depth < 8; ++depth) {
      below += branch;
      Start(Create(below), "sleep 60 & exec sleep 60");
    }
  }
  AwaitProcesses(top, 48);
  Kill(top);
  const auto removed = top.Remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

TEST_P(KillTest, WhatIsFrozenIsKilled) {
  const Cgroup cgroup = Create("/ice");
  Start(cgroup, "sleep 60 & exec sleep 60");
  AwaitProcesses(cgroup, 2);
  ASSERT_TRUE(Freeze(cgroup.path()));
  EXPECT_LT(Kill(cgroup), seconds(5));
}

TEST_P(KillTest, WhatIsFrozenFromAboveIsKilled) {
  const Cgroup task = Create("/task");
  const Cgroup web = Create("/task/web");
  Start(web, "exec sleep 60");
  ASSERT_TRUE(Freeze(task.path()));
  EXPECT_LT(Kill(web), seconds(5));
  EXPECT_EQ(*ReadFreezerState(task.path()), FreezerState::kFrozen);
}

TEST_P(KillTest, AStoppedProcessIsKilled) {
  const Cgroup cgroup = Create("/box");
  const Pidfd& process = Start(cgroup, "exec sleep 60");
  ASSERT_TRUE(process.Signal(SIGSTOP));
  EXPECT_LT(Kill(cgroup), seconds(5));
}

TEST_P(KillTest, ThreadsInCgroupsOfTheirOwnAreKilledWithTheirProcess) {
  const Cgroup process = Create("/process");
  const Cgroup threads = Create("/process/threads");
  const Cgroup invalid = Create("/process/later");
  ASSERT_TRUE(WriteControlFile(threads.fd(), "cgroup.type", "threaded"));
  ASSERT_EQ(*ReadFileAt(invalid.fd(), "cgroup.type"), "domain invalid\n");
  const pid_t pid = Fork(process, [&] { LiveWithAThreadIn(threads.path() + "/cgroup.threads"); });
  for (int i = 0; i < 5000 && !*threads.Populated(); ++i) ::usleep(1'000);
  ASSERT_TRUE(*threads.Populated());
  EXPECT_THAT(*process.Processes(), ElementsAre(pid));
  EXPECT_THAT(*threads.Processes(), IsEmpty()) << "they show in the cgroup above";
  EXPECT_LT(Kill(process), seconds(5));
  const auto removed = process.Remove();
  EXPECT_TRUE(removed) << removed.error().message();
}

TEST_P(KillTest, WhatIsGoneNeedsNoKilling) {
  const Cgroup cgroup = Create("/gone");
  ASSERT_TRUE(cgroup.Remove());
  EXPECT_TRUE(GetParam()(cgroup.path()));
}

INSTANTIATE_TEST_SUITE_P(Ways, KillTest, testing::Values(&KillAll, &KillOneByOne),
                         [](const auto& way) { return way.index == 0 ? "AtOnce" : "OneByOne"; });

// --- Listing and removing ---

using RemoveTest = KernelTest;

TEST_F(RemoveTest, ListingIsNotUpsetByCgroupsThatComeAndGo) {
  const Cgroup top = Create("/top");
  std::atomic<bool> done = false;
  std::thread coming_and_going([&] {
    while (!done) {
      const auto cgroup = Cgroup::Create(hierarchy_, name_ + "/top/a/b");
      if (!cgroup) continue;
      EXPECT_EQ(RunIn(*cgroup, [] { return 0; }), 0);
      EXPECT_TRUE(RemoveTree(hierarchy_, name_ + "/top/a"));
    }
  });
  for (int i = 0; i < 2000; ++i) {
    const auto pids = top.Processes();
    EXPECT_TRUE(pids) << pids.error().message();
    if (!pids) break;
  }
  done = true;
  coming_and_going.join();
}

TEST_F(RemoveTest, TwoCanRemoveTheSame) {
  for (int round = 0; round < 30; ++round) {
    const Cgroup cgroup = Create("/both");
    Start(Create("/both/a"), "exec sleep 60");
    const auto remove = [&] {
      const auto removed = RemoveTree(hierarchy_, name_ + "/both");
      EXPECT_TRUE(removed) << removed.error().message();
    };
    std::thread other(remove);
    const auto begin = steady_clock::now();
    remove();
    other.join();
    EXPECT_LT(steady_clock::now() - begin, seconds(2));
    EXPECT_FALSE(Exists(cgroup.path()));
  }
}

milliseconds CpuTime() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  const timeval sum = {.tv_sec = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec,
                       .tv_usec = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
  return seconds(sum.tv_sec) + milliseconds(sum.tv_usec / 1000);
}

TEST_F(RemoveTest, SleepsWhileItWaits) {
  const Cgroup cgroup = Create("/stays");
  Start(cgroup, "exec sleep 60");
  const milliseconds before = CpuTime();
  EXPECT_FALSE(cgroup.Remove(milliseconds(700)));
  EXPECT_LT(CpuTime() - before, milliseconds(50));
}

// Until then it is the shell that Start makes, or not even that.
bool AwaitName(pid_t pid, const std::string& name) {
  const auto end = steady_clock::now() + seconds(10);
  while (steady_clock::now() < end) {
    if (ReadFile(fmt::format("/proc/{}/comm", pid)).ValueOr("") == name + "\n") return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

TEST_F(RemoveTest, NamesTheProcessesAllTheWayDown) {
  const Cgroup top = Create("/top");
  const Pidfd& upper = Start(top, "exec sleep 60");
  const Pidfd& lower = Start(Create("/top/a/b"), "exec tail -f /dev/null");
  ASSERT_TRUE(AwaitName(upper.pid(), "sleep") && AwaitName(lower.pid(), "tail"));
  const auto removed = top.Remove(milliseconds(20));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message(),
            fmt::format("remove {}: in use after 20 ms; still there: {} (sleep), {} (tail)",
                        top.path(), upper.pid(), lower.pid()));
}

TEST_F(RemoveTest, NamesNoMoreThanEnough) {
  const Cgroup cgroup = Create("/many");
  for (int i = 0; i < 12; ++i) Start(cgroup, "exec sleep 60");
  const auto removed = cgroup.Remove(milliseconds(20));
  ASSERT_FALSE(removed);
  EXPECT_THAT(removed.error().message(), testing::EndsWith("(sleep), 4 more"));
}

}  // namespace
}  // namespace berth::cgroups
