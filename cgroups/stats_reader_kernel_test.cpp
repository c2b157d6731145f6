// Against the kernel: with whatever controllers the host's cgroup2 has.
#include "cgroups/kernel_test.h"
#include "cgroups/stats_reader.h"

namespace berth::cgroups {
namespace {

using StatsReaderKernelTest = KernelTest;

TEST_F(StatsReaderKernelTest, CountsTheProcessorTimeOfWhatRunsInside) {
  const Cgroup cgroup = Create("/busy");
  auto reader = StatsReader::OpenAt(cgroup.fd(), cgroup.path());
  ASSERT_TRUE(reader) << reader.error().message();
  ASSERT_TRUE(reader->Read(StatsParts::kCpu));
  EXPECT_EQ(reader->stats().cpu.usage_usec, 0U);
  ASSERT_TRUE(Start(cgroup, "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done").Reap());
  const auto read = reader->Read(StatsParts::kAll);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_GT(reader->stats().cpu.usage_usec, 1000U);
}

TEST_F(StatsReaderKernelTest, ARemovedCgroupIsAnError) {
  const Cgroup cgroup = Create("/removed");
  auto kept = StatsReader::Open(cgroup.path());
  auto on_demand = StatsReader::Open(cgroup.path(), StatsParts::kNone);
  ASSERT_TRUE(cgroup.Remove());
  const auto late = StatsReader::OpenAt(cgroup.fd(), cgroup.path());
  for (const Result<void>& read :
       {kept->Read(StatsParts::kUsage), on_demand->Read(StatsParts::kLimits),
        on_demand->Read(StatsParts::kCpu), late ? Result<void>() : Result<void>(late.error())}) {
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message(), fmt::format("cgroup {} has been removed", cgroup.path()));
    EXPECT_TRUE(read.error().Is(ENODEV));
  }
}

}  // namespace
}  // namespace berth::cgroups
