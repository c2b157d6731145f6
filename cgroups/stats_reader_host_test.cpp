// On a host whose cgroup2 has the controllers: that the kernel's files say what is read in them.
#include <sys/mman.h>
#include <unistd.h>

#include "cgroups/kernel_test.h"
#include "cgroups/stats_reader.h"

namespace berth::cgroups {
namespace {

class StatsReaderHostTest : public ControllersTest {};

TEST_F(StatsReaderHostTest, ReadsEveryController) {
  constexpr uint64_t kMiB = 1 << 20;
  const auto cgroup = Cgroup::Create(hierarchy_, name_ + "/all",
                                     {.cpu = {.weight = 100},
                                      .memory = {.max = 64 * kMiB},
                                      .io = {.weight = 100},
                                      .pids = {.max = 7},
                                      .cpuset = {.cpus = "0"}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  auto reader = StatsReader::OpenAt(cgroup->fd(), cgroup->path());
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(reader->Present(), StatsParts::kUsage);
  const auto eat = [] {
    return ::mmap(nullptr, 16 * kMiB, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED;
  };
  ASSERT_EQ(RunIn(*cgroup, eat), 0);
  Start(*cgroup, "exec sleep 60");
  const auto read = reader->Read(StatsParts::kAll);
  ASSERT_TRUE(read) << read.error().message();
  const Stats& stats = reader->stats();
  EXPECT_GT(stats.cpu.usage_usec, 0U);
  EXPECT_EQ(stats.pids.current, 1U);
  EXPECT_EQ(stats.pids.max, 7U);
  EXPECT_EQ(stats.cpuset.cpus, "0");
  EXPECT_FALSE(stats.cpuset.mems.empty());
  EXPECT_GT(stats.memory.current, 0U);
  EXPECT_EQ(stats.memory.max, 64 * kMiB);
  EXPECT_GT(stats.memory.peak, 16 * kMiB);
  EXPECT_GT(stats.memory.stat.pgfault, 0U);
  EXPECT_EQ(stats.memory.events.oom_kill, 0U);
}

TEST_F(StatsReaderHostTest, CountsWhatLimitsHaveRefused) {
  const auto cgroup = Cgroup::Create(hierarchy_, name_ + "/full", {.pids = {.max = 1}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  ASSERT_EQ(RunIn(*cgroup, [] { return ::fork() < 0 ? 0 : 1; }), 0);
  auto reader = StatsReader::Open(cgroup->path());
  ASSERT_TRUE(reader->Read(StatsParts::kEvents));
  EXPECT_EQ(reader->stats().pids.refused, 1U);
}

}  // namespace
}  // namespace berth::cgroups
