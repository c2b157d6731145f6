#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/stats/container_usage.h"
#include "agent/stats/usage_book.h"
#include "base/sys.h"

namespace berth::agent::stats {
namespace {

namespace fs = std::filesystem;
using testing::Pair;

/// A cgroup and a /proc in a temporary directory.
class UsageReaderTest : public testing::Test {
 protected:
  UsageReaderTest() {
    char path[] = "/tmp/berth-stats-test-XXXXXX";
    directory_ = ::mkdtemp(path);
    Write("cgroup/cgroup.procs", "41\n42\n");
    Write("cgroup/cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n");
    Write("proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  }
  ~UsageReaderTest() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    const fs::path path = fs::path(directory_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  UsagePlaces Places() const {
    return {.cgroup = directory_ + "/cgroup", .proc = directory_ + "/proc"};
  }
  UsageReader Open() const {
    auto reader = UsageReader::Open(Places());
    EXPECT_TRUE(reader) << reader.error().message();
    return std::move(reader).Take();
  }
  ContainerUsage Read(UsageReader& reader) const {
    HostReader host(directory_ + "/proc");
    host.Refresh();
    const auto usage = reader.Read(host);
    EXPECT_TRUE(usage) << usage.error().message();
    return *usage;
  }

  std::string directory_;
};

TEST_F(UsageReaderTest, ReadsTheControllersFiles) {
  Write("cgroup/memory.current", "8192\n");
  Write("cgroup/memory.max", "max\n");
  Write("cgroup/memory.stat", "anon 1\ninactive_file 4096\n");
  Write("cgroup/pids.current", "7\n");
  Write("cgroup/pids.max", "100\n");
  Write("cgroup/io.stat", "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n");
  UsageReader reader = Open();
  const ContainerUsage usage = Read(reader);
  EXPECT_EQ(usage.cpu_ns, 1'500'000);
  EXPECT_EQ(usage.cpu_user_ns, 1'000'000);
  EXPECT_EQ(usage.cpu_system_ns, 500'000);
  EXPECT_EQ(usage.host_cpu_ns, 36 * (1'000'000'000ULL / ::sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(usage.memory, 8192);
  EXPECT_EQ(usage.MemoryInUse(), 4096);
  EXPECT_EQ(usage.pids, 7);
  EXPECT_EQ(usage.read_bytes, 11);
  EXPECT_EQ(usage.write_bytes, 22);
  EXPECT_FALSE(usage.network);
  const UsageDetails details = reader.ReadDetails();
  EXPECT_EQ(details.memory_limit, 0);
  EXPECT_EQ(details.pids_limit, 100);
  EXPECT_THAT(details.memory_stat,
              testing::ElementsAre(Pair("anon", 1), Pair("inactive_file", 4096)));
}

TEST_F(UsageReaderTest, ReadsMemoryStatOnceInAWhileIfTheMemoryStandsStill) {
  Write("cgroup/memory.current", "8192\n");
  Write("cgroup/memory.stat", "inactive_file 1\n");
  UsageReader reader = Open();
  EXPECT_EQ(Read(reader).inactive_file, 1);
  Write("cgroup/memory.stat", "inactive_file 2\n");
  for (int i = 0; i < 9; ++i) EXPECT_EQ(Read(reader).inactive_file, 1);
  EXPECT_EQ(Read(reader).inactive_file, 2);
  Write("cgroup/memory.stat", "inactive_file 3\n");
  Write("cgroup/memory.current", "8193\n");
  EXPECT_EQ(Read(reader).inactive_file, 3);
}

TEST_F(UsageReaderTest, AddsProcessesUpWhereThereAreNoControllers) {
  Write("proc/41/statm", "100 3 1 0 0 0 0\n");
  Write("proc/42/statm", "100 4 1 0 0 0 0\n");
  Write("proc/41/io", "rchar: 9\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 0\n");
  UsageReader reader = Open();
  const ContainerUsage usage = Read(reader);
  EXPECT_EQ(usage.memory, 7 * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(usage.pids, 2);
  EXPECT_EQ(usage.read_bytes, 5);
  EXPECT_EQ(usage.write_bytes, 6);
}

TEST_F(UsageReaderTest, BytesOfProcessesThatEndedStayCounted) {
  Write("proc/41/io", "read_bytes: 5\nwrite_bytes: 6\n");
  UsageReader reader = Open();
  Read(reader);
  Write("cgroup/cgroup.procs", "");
  EXPECT_EQ(Read(reader).read_bytes, 5);
}

TEST_F(UsageReaderTest, SeesWhatHasChangedSinceItWasOpened) {
  UsageReader reader = Open();
  Read(reader);
  Write("cgroup/cpu.stat", "usage_usec 99\n");
  EXPECT_EQ(Read(reader).cpu_ns, 99'000);
}

TEST_F(UsageReaderTest, ACgroupThatIsNotThereIsAnError) {
  EXPECT_FALSE(UsageReader::Open({.cgroup = directory_ + "/none"}));
}

TEST_F(UsageReaderTest, TheBookSamplesWhatItWatches) {
  Write("cgroup/pids.max", "100\n");
  UsageBook book(directory_ + "/proc");
  EXPECT_FALSE(book.Watch("b", {.cgroup = directory_ + "/none"}));
  ASSERT_TRUE(book.Watch("a", Places()));
  EXPECT_EQ(book.Find("b"), nullptr);
  ASSERT_NE(book.Find("a"), nullptr);
  EXPECT_EQ(book.Find("a")->last(), nullptr);
  book.Sample();
  EXPECT_EQ(book.Find("a")->last()->cpu_ns, 1'500'000);
  EXPECT_EQ(book.Find("a")->last()->host_cpu_ns, 36 * (1'000'000'000ULL / ::sysconf(_SC_CLK_TCK)));
  EXPECT_EQ(book.ReadDetails("a").pids_limit, 100);
  EXPECT_EQ(book.ReadDetails("b").pids_limit, 0);
  book.Forget("a");
  EXPECT_EQ(book.Find("a"), nullptr);
}

}  // namespace
}  // namespace berth::agent::stats
