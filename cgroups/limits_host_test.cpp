// Limits as the kernel enforces them: on a host whose cgroup2 has the controllers.
#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <chrono>

#include "base/files.h"
#include "base/sys.h"
#include "cgroups/events.h"
#include "cgroups/freezer.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr uint64_t kMiB = 1 << 20;

class LimitsHostTest : public ControllersTest {
 protected:
  Cgroup Limited(const Limits& limits, const std::string& below = "/leaf") {
    auto cgroup = Cgroup::Create(hierarchy_, name_ + below, limits);
    EXPECT_TRUE(cgroup) << cgroup.error().message();
    EXPECT_TRUE(cgroup->Unenforced().empty()) << cgroup->Unenforced().front();
    return std::move(cgroup).Take();
  }
  static std::string Content(const Cgroup& cgroup, const std::string& file) {
    return ReadFileAt(cgroup.fd(), file).ValueOr("(none)");
  }
};

// Touches each page; ends with SIGKILL if there is not enough.
int Eat(uint64_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  for (uint64_t at = 0; at < bytes; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
  return 0;
}

int SpinUntil(Clock::time_point end) {
  while (Clock::now() < end) {
  }
  return 0;
}

// How many processes could be started beside this one before the kernel refused; they end with it.
int ForkUntilRefused() {
  for (int count = 0; count < 100; ++count) {
    const pid_t child = ::fork();
    if (child < 0) return count;
    if (child == 0) {
      ::pause();
      ::_exit(0);
    }
  }
  return 100;
}

TEST_F(LimitsHostTest, CpuMaxThrottlesToWithinFivePercent) {
  const Cgroup cgroup = Limited({.cpu = {.max = CpuMax{.quota = 20'000}}});
  const auto start = Clock::now();
  ASSERT_EQ(RunIn(cgroup, [&] { return SpinUntil(start + std::chrono::seconds(4)); }), 0);
  const CpuStats stats = ParseCpuStat(Content(cgroup, "cpu.stat"));
  const std::chrono::duration<double, std::micro> wall = Clock::now() - start;
  EXPECT_GT(stats.nr_throttled, 10U);
  EXPECT_GT(stats.throttled_usec, 0U);
  EXPECT_NEAR(static_cast<double>(stats.usage_usec) / wall.count(), 0.20, 0.01);
}

TEST_F(LimitsHostTest, WeightsShareAProcessor) {
  const Limits on_one_processor = {.cpuset = {.cpus = "0"}};
  Limited(on_one_processor, "/pair");
  const Cgroup light = Limited({.cpu = {.weight = 100}}, "/pair/light");
  const Cgroup heavy = Limited({.cpu = {.weight = 300}}, "/pair/heavy");
  Start(light, "while :; do :; done");
  Start(heavy, "while :; do :; done");
  ::poll(nullptr, 0, 4000);
  const auto used = [](const Cgroup& cgroup) {
    return static_cast<double>(ParseCpuStat(Content(cgroup, "cpu.stat")).usage_usec);
  };
  EXPECT_NEAR(used(heavy) / used(light), 3.0, 0.6);
}

TEST_F(LimitsHostTest, MemoryMaxKillsAndIsCounted) {
  const Cgroup cgroup = Limited({.memory = {.max = 16 * kMiB, .swap_max = 0}});
  EXPECT_EQ(RunIn(cgroup, [] { return Eat(8 * kMiB); }), 0);
  EXPECT_EQ(*cgroup.OomKills(), 0U);
  EXPECT_EQ(RunIn(cgroup, [] { return Eat(64 * kMiB); }), 128 + SIGKILL);
  EXPECT_EQ(*cgroup.OomKills(), 1U);
}

TEST_F(LimitsHostTest, AKillForTheWholeTaskIsCountedWhereTheProcessWas) {
  Limited({.memory = {.max = 16 * kMiB, .swap_max = 0}}, "/task");
  const Cgroup innocent = Limited({.memory = {.low = 0}}, "/task/innocent");
  const Cgroup guilty = Limited({.memory = {.low = 0}}, "/task/guilty");
  EXPECT_EQ(RunIn(guilty, [] { return Eat(64 * kMiB); }), 128 + SIGKILL);
  EXPECT_EQ(*guilty.OomKills(), 1U);
  EXPECT_EQ(*innocent.OomKills(), 0U);
}

TEST_F(LimitsHostTest, OomGroupEndsAllOfTheCgroup) {
  const Cgroup cgroup = Limited({.memory = {.max = 16 * kMiB, .swap_max = 0, .oom_group = true}});
  Pidfd& other = Start(cgroup, "sleep 60");
  EXPECT_EQ(RunIn(cgroup, [] { return Eat(64 * kMiB); }), 128 + SIGKILL);
  EXPECT_TRUE(*other.WaitForEnd(std::chrono::seconds(5)));
}

TEST_F(LimitsHostTest, MemoryHighSlowsDownAndTells) {
  const Cgroup cgroup = Limited({.memory = {.max = 64 * kMiB, .high = 8 * kMiB}});
  const auto watch = EventWatch::Open(cgroup.path());
  ASSERT_TRUE(watch) << watch.error().message();
  static_cast<void>(RunIn(cgroup, [] { return Eat(9 * kMiB); }));
  EXPECT_GT(ReadEvents(cgroup.path())->memory->high, 0U);
}

TEST_F(LimitsHostTest, PidsMaxStopsAForkBomb) {
  const Cgroup cgroup = Limited({.pids = {.max = 10}});
  EXPECT_EQ(RunIn(cgroup, ForkUntilRefused), 9);
  EXPECT_GT(*ReadEvents(cgroup.path())->pids_max, 0U);
  const auto start = Clock::now();
  ASSERT_TRUE(cgroup.Kill());
  ASSERT_TRUE(cgroup.Remove());
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(1));
}

TEST_F(LimitsHostTest, CpusetBindsToProcessors) {
  if (::sysconf(_SC_NPROCESSORS_ONLN) < 2) GTEST_SKIP() << "needs two processors";
  const Cgroup cgroup = Limited({.cpuset = {.cpus = "1", .mems = "0"}});
  EXPECT_EQ(TellFrom(cgroup,
                     [] {
                       cpu_set_t set;
                       ::sched_getaffinity(0, sizeof set, &set);
                       return fmt::format("{} {}", CPU_COUNT(&set), CPU_ISSET(1, &set));
                     }),
            "1 1");
  EXPECT_EQ(Content(cgroup, "cpuset.cpus.effective"), "1\n");
}

// A disk in a file, which goes with the object.
class LoopDisk {
 public:
  static Result<LoopDisk> Make(const std::string& path, uint64_t size) {
    const UniqueFd file = TRY(sys::Open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    if (::ftruncate(file.get(), static_cast<off_t>(size)) < 0) return ErrnoError("{}", path);
    const UniqueFd control = TRY(sys::Open("/dev/loop-control", O_RDWR));
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return ErrnoError("a free loop device");
    UniqueFd device = TRY(sys::Open(fmt::format("/dev/loop{}", number), O_RDWR | O_DIRECT));
    if (::ioctl(device.get(), LOOP_SET_FD, file.get()) < 0) return ErrnoError("attach {}", path);
    loop_info64 info = {.lo_flags = LO_FLAGS_AUTOCLEAR};
    if (::ioctl(device.get(), LOOP_SET_STATUS64, &info) < 0) return ErrnoError("attach {}", path);
    return LoopDisk(std::move(device));
  }
  BlockDevice device() const {
    struct stat info;
    ::fstat(fd_.get(), &info);
    return {.major = major(info.st_rdev), .minor = minor(info.st_rdev)};
  }
  // Straight to the device.
  int Write(size_t bytes) const {
    constexpr size_t kBlock = 64 << 10;
    void* block = nullptr;
    if (::posix_memalign(&block, 4096, kBlock) != 0) return 1;
    for (size_t at = 0; at < bytes; at += kBlock) {
      if (::pwrite(fd_.get(), block, kBlock, static_cast<off_t>(at)) < 0) return 1;
    }
    return 0;
  }

 private:
  explicit LoopDisk(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

TEST_F(LimitsHostTest, IoMaxLimitsADisk) {
  const std::string path = testing::TempDir() + name_ + ".disk";
  const auto disk = LoopDisk::Make(path, 16 * kMiB);
  ::unlink(path.c_str());
  ASSERT_TRUE(disk) << disk.error().message();
  Cgroup cgroup = Limited({.io = {.max = {{.device = disk->device(), .wbps = kMiB}}}});
  const auto seconds = [&] {
    const auto start = Clock::now();
    EXPECT_EQ(RunIn(cgroup, [&] { return disk->Write(2 * kMiB); }), 0);
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const double limited = seconds();
  EXPECT_GT(limited, 1.9);  // 2 MiB, of which a second may have one
  EXPECT_LT(limited, 4.0);
  ASSERT_TRUE(cgroup.Update({.io = {.max = {{.device = disk->device(), .wbps = kUnlimited}}}}));
  EXPECT_LT(seconds(), limited / 2);
  const auto stats = ParseIoStat(Content(cgroup, "io.stat"));
  ASSERT_EQ(stats.size(), 1U);
  EXPECT_EQ(stats[0].device, disk->device());
  EXPECT_EQ(stats[0].wbytes, 4 * kMiB);
}

TEST_F(LimitsHostTest, EveryLimitCanBeUpdatedWhileItIsInUse) {
  if (::sysconf(_SC_NPROCESSORS_ONLN) < 2) GTEST_SKIP() << "needs two processors";
  Cgroup cgroup = Limited({.cpu = {.weight = 100, .max = CpuMax{.quota = 50'000}, .burst = 1000},
                           .memory = {.max = 64 * kMiB},
                           .pids = {.max = 10},
                           .cpuset = {.cpus = "0", .mems = "0"}});
  Start(cgroup, "sleep 60");
  const auto updated = cgroup.Update(
      {.cpu = {.weight = 200, .max = CpuMax{.quota = 10'000, .period = 50'000}, .burst = 5000},
       .memory = {.max = 32 * kMiB,
                  .high = 24 * kMiB,
                  .low = kMiB,
                  .min = 4096,
                  .swap_max = 8 * kMiB,
                  .oom_group = true},
       .io = {.weight = 50},
       .pids = {.max = 20},
       .cpuset = {.cpus = "1"},
       .unified = {{"memory.high", "20971520"}}});
  ASSERT_TRUE(updated) << updated.error().message();
  const std::pair<const char*, const char*> expected[] = {
      {"cpu.weight", "200\n"},      {"cpu.max", "10000 50000\n"},     {"cpu.max.burst", "5000\n"},
      {"memory.max", "33554432\n"}, {"memory.high", "20971520\n"},    {"memory.low", "1048576\n"},
      {"memory.min", "4096\n"},     {"memory.swap.max", "8388608\n"}, {"memory.oom.group", "1\n"},
      {"pids.max", "20\n"},         {"cpuset.cpus", "1\n"},           {"cpuset.mems", "0\n"}};
  for (const auto& [file, value] : expected) EXPECT_EQ(Content(cgroup, file), value) << file;
  EXPECT_TRUE(cgroup.Unenforced().empty() ||
              cgroup.Unenforced() == std::vector<std::string>{"io.weight"});
  ASSERT_TRUE(cgroup.Update({.cpu = {.idle = true}}));
  EXPECT_EQ(Content(cgroup, "cpu.idle"), "1\n");
  ASSERT_TRUE(cgroup.Update({.cpu = {.weight = 7, .idle = false}}));
  EXPECT_EQ(Content(cgroup, "cpu.weight"), "7\n");
}

TEST_F(LimitsHostTest, AMemoryLimitBelowWhatIsInUseIsRefusedIfSoAsked) {
  Cgroup cgroup = Limited({.memory = {.max = 64 * kMiB}});
  Start(cgroup, "sleep 60");
  const std::string before = Content(cgroup, "memory.max");
  ASSERT_FALSE(cgroup.Update({.memory = {.max = 4096}}, BelowUsage::kRefuse));
  EXPECT_EQ(Content(cgroup, "memory.max"), before);
}

TEST_F(LimitsHostTest, NoProcessRunsOutsideItsLimits) {
  // Born in the cgroup: its very first page counts.
  const Cgroup cgroup = Limited({.memory = {.max = 16 * kMiB}, .pids = {.max = 1}});
  EXPECT_EQ(RunIn(cgroup, [] { return ::fork() < 0 && errno == EAGAIN ? 0 : 1; }), 0);
  EXPECT_EQ(TellFrom(cgroup, [] { return *ReadFile("/proc/self/cgroup"); }),
            "0::" + cgroup.path().substr(hierarchy_.mount_point.size()) + "\n");
}

TEST_F(LimitsHostTest, AnErrorNamesTheFileAndTheValue) {
  const auto cgroup = Cgroup::Create(hierarchy_, name_ + "/leaf", {.cpuset = {.cpus = "4000"}});
  ASSERT_FALSE(cgroup);
  EXPECT_NE(cgroup.error().message().find("cpuset.cpus"), std::string::npos)
      << cgroup.error().message();
  EXPECT_NE(cgroup.error().message().find("4000"), std::string::npos);
  EXPECT_FALSE(Exists(hierarchy_.mount_point + "/" + name_ + "/leaf"));
}

}  // namespace
}  // namespace berth::cgroups
