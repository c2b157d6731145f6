#include "cgroups/stats_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>

#include "base/sys.h"
#include "cgroups/fake_tree.h"

// Of this program, counted: a reader that runs every second is to make none.
static std::atomic<size_t> allocations = 0;
void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace berth::cgroups {
namespace {

using testing::HasSubstr;

std::vector<FakeEntry> Everything() {
  return {File("cgroup.procs", ""),
          File("cpu.stat", "usage_usec 7\nuser_usec 5\nsystem_usec 2\nnr_throttled 3\n"),
          File("memory.current", "8192\n"),
          File("memory.stat", "anon 4096\nfile 1024\nkernel_stack 9\ninactive_file 512\n"),
          File("memory.peak", "9000\n"),
          File("memory.max", "max\n"),
          File("memory.swap.current", "11\n"),
          File("memory.swap.max", "22\n"),
          File("memory.events", "low 0\noom_kill 1\n"),
          File("io.stat", "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n"),
          File("pids.current", "6\n"),
          File("pids.max", "100\n"),
          File("pids.events", "max 4\n"),
          File("cpuset.cpus.effective", "0-1\n"),
          File("cpuset.mems.effective", "0\n"),
          File("hugetlb.2MB.current", "2097152\n"),
          File("hugetlb.2MB.max", "max\n"),
          File("hugetlb.2MB.rsvd.current", "4194304\n"),
          File("hugetlb.2MB.events", "max 2\n"),
          File("rdma.current", "mlx5_0 hca_handle=1 hca_object=20\n"),
          File("misc.current", "sev 2\n"),
          File("cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=12\n"),
          File("memory.pressure",
               "some avg10=0.00 avg60=0.00 avg300=0.00 total=13\n"
               "full avg10=0.00 avg60=0.25 avg300=0.00 total=3\n")};
}

size_t OpenDescriptors() {
  size_t count = 0;
  for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

void ExpectEverything(const Stats& stats) {
  EXPECT_EQ(stats.cpu.usage_usec, 7U);
  EXPECT_EQ(stats.cpu.nr_throttled, 3U);
  EXPECT_EQ(stats.memory.current, 8192U);
  EXPECT_EQ(stats.memory.stat.anon, 4096U);
  EXPECT_EQ(stats.memory.stat.inactive_file, 512U);
  EXPECT_EQ(stats.memory.peak, 9000U);
  EXPECT_EQ(stats.memory.max, kUnlimited);
  EXPECT_EQ(stats.memory.swap_current, 11U);
  EXPECT_EQ(stats.memory.swap_max, 22U);
  EXPECT_EQ(stats.memory.events.oom_kill, 1U);
  ASSERT_EQ(stats.io.size(), 2U);
  EXPECT_EQ(stats.io[1].device, (BlockDevice{8, 16}));
  EXPECT_EQ(stats.io[1].wbytes, 2U);
  EXPECT_EQ(stats.pids.current, 6U);
  EXPECT_EQ(stats.pids.max, 100U);
  EXPECT_EQ(stats.pids.refused, 4U);
  EXPECT_EQ(stats.cpuset.cpus, "0-1");
  EXPECT_EQ(stats.cpuset.mems, "0");
  ASSERT_EQ(stats.hugetlb.size(), 1U);
  EXPECT_EQ(stats.hugetlb[0].page_size, "2MB");
  EXPECT_EQ(stats.hugetlb[0].current, 2'097'152U);
  EXPECT_EQ(stats.hugetlb[0].max, kUnlimited);
  EXPECT_EQ(stats.hugetlb[0].rsvd_current, 4'194'304U);
  EXPECT_EQ(stats.hugetlb[0].refused, 2U);
  ASSERT_EQ(stats.rdma.size(), 1U);
  EXPECT_EQ(stats.rdma[0].used.hca_object, 20U);
  ASSERT_EQ(stats.misc.size(), 1U);
  EXPECT_EQ(stats.misc[0].current, 2U);
  EXPECT_EQ(stats.pressure.cpu->some.avg10, 1.5);
  EXPECT_EQ(stats.pressure.memory->some.total.count(), 13);
  EXPECT_EQ(stats.pressure.memory->full->avg60, 0.25);
  EXPECT_FALSE(stats.pressure.io);
}

TEST(StatsReaderTest, ReadsEveryFileThatItKeeps) {
  const FakeTree tree(Everything());
  auto reader = StatsReader::Open(tree.path(), StatsParts::kAll);
  ASSERT_TRUE(reader) << reader.error().message();
  ASSERT_TRUE(reader->Read(StatsParts::kAll));
  ExpectEverything(reader->stats());
}

TEST(StatsReaderTest, ReadsEveryFileOnDemand) {
  const FakeTree tree(Everything());
  const size_t before = OpenDescriptors();
  auto reader = StatsReader::Open(tree.path(), StatsParts::kNone);
  ASSERT_TRUE(reader->Read(StatsParts::kAll));
  ExpectEverything(reader->stats());
  EXPECT_EQ(OpenDescriptors(), before + 1);
}

TEST(StatsReaderTest, ReadsWhatIsWantedAndLeavesTheRest) {
  const FakeTree tree(Everything());
  auto reader = StatsReader::Open(tree.path());
  ASSERT_TRUE(reader->Read(StatsParts::kPids));
  EXPECT_EQ(reader->stats().pids.current, 6U);
  EXPECT_EQ(reader->stats().cpu.usage_usec, 0U);
  ASSERT_TRUE(reader->Read(StatsParts::kCpu | StatsParts::kLimits));
  EXPECT_EQ(reader->stats().cpu.usage_usec, 7U);
  EXPECT_EQ(reader->stats().pids.current, 6U);
  EXPECT_EQ(reader->stats().pids.max, 100U);
  EXPECT_EQ(reader->stats().memory.current, 0U);
}

TEST(StatsReaderTest, ASampleTakesSixDescriptors) {
  const FakeTree tree(Everything());
  const size_t before = OpenDescriptors();
  const auto reader = StatsReader::Open(tree.path());
  EXPECT_EQ(OpenDescriptors(), before + 6);
}

TEST(StatsReaderTest, AllocatesNothingTheSecondTime) {
  const FakeTree tree(Everything());
  constexpr StatsParts kAllKept =
      StatsParts(uint32_t(StatsParts::kAll) - uint32_t(StatsParts::kHugetlb));
  auto reader = StatsReader::Open(tree.path(), kAllKept);
  ASSERT_TRUE(reader->Read(kAllKept));
  const size_t before = allocations;
  const auto read = reader->Read(kAllKept);
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(read);
}

TEST(StatsReaderTest, ReadsAnOpenDirectory) {
  const FakeTree tree(Everything());
  const UniqueFd dir = *sys::Open(tree.path(), O_RDONLY | O_DIRECTORY);
  auto reader = StatsReader::OpenAt(dir.get(), "berth/a");
  ASSERT_TRUE(reader->Read(StatsParts::kCpu));
  EXPECT_EQ(reader->stats().cpu.usage_usec, 7U);
}

TEST(StatsReaderTest, ControllersThatAreNotThereStayAtTheirDefaults) {
  const FakeTree tree({File("cgroup.procs", ""), File("cpu.stat", "usage_usec 7\n")});
  auto reader = StatsReader::Open(tree.path());
  EXPECT_EQ(reader->Present(), StatsParts::kCpu);
  ASSERT_TRUE(reader->Read(StatsParts::kAll));
  EXPECT_EQ(reader->stats().cpu.usage_usec, 7U);
  EXPECT_EQ(reader->stats().memory.max, kUnlimited);
  EXPECT_TRUE(reader->stats().io.empty());
  EXPECT_TRUE(reader->stats().hugetlb.empty());
}

TEST(StatsReaderTest, SeesChangesAndDevicesThatWentAway) {
  const FakeTree tree(Everything());
  auto reader = StatsReader::Open(tree.path());
  ASSERT_TRUE(reader->Read(StatsParts::kIo));
  std::ofstream(tree.path() + "/io.stat") << "8:16 rbytes=5\n";
  ASSERT_TRUE(reader->Read(StatsParts::kIo));
  ASSERT_EQ(reader->stats().io.size(), 1U);
  EXPECT_EQ(reader->stats().io[0].rbytes, 5U);
  EXPECT_EQ(reader->stats().io[0].wbytes, 0U);
}

TEST(StatsReaderTest, ReadsFilesOfAnyLength) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += fmt::format("8:{} rbytes={}\n", i, i);
  const FakeTree tree({File("cgroup.procs", ""), File("io.stat", text)});
  auto reader = StatsReader::Open(tree.path());
  ASSERT_TRUE(reader->Read(StatsParts::kIo));
  ASSERT_EQ(reader->stats().io.size(), 2000U);
  EXPECT_EQ(reader->stats().io.back().rbytes, 1999U);
}

TEST(StatsReaderTest, ACgroupThatIsNotThereIsAnError) {
  const auto reader = StatsReader::Open("/nowhere/at/all");
  ASSERT_FALSE(reader);
  EXPECT_TRUE(reader.error().Is(ENOENT));
}

TEST(StatsReaderTest, SaysWhatToDoWhenThereAreNoDescriptorsLeft) {
  const FakeTree tree(Everything());
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd next = *sys::Open("/", O_RDONLY | O_DIRECTORY);
  const rlimit few = {.rlim_cur = static_cast<rlim_t>(next.get()) + 3, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto reader = StatsReader::Open(tree.path());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(reader);
  EXPECT_TRUE(reader.error().Is(EMFILE));
  EXPECT_THAT(reader.error().message(), HasSubstr("raise LimitNOFILE="));
}

}  // namespace
}  // namespace berth::cgroups
