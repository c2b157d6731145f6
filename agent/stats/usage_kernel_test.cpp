// Against the kernel: the figures of the cgroup that the test runs in.
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "agent/stats/container_usage.h"
#include "cgroups/hierarchy.h"

namespace berth::agent::stats {
namespace {

TEST(UsageKernelTest, CountsWhatThisProcessUses) {
  const auto hierarchy = cgroups::DetectHierarchy();
  ASSERT_TRUE(hierarchy);
  if (!hierarchy->HasCgroup2()) GTEST_SKIP() << "needs cgroup2";
  auto reader = UsageReader::Open({.cgroup = hierarchy->mount_point + hierarchy->own_path});
  if (!reader) GTEST_SKIP() << "needs to see its own cgroup: " << reader.error().message();
  HostReader host;
  host.Refresh();
  const auto before = reader->Read(host);
  ASSERT_TRUE(before) << before.error().message();
  constexpr size_t kBytes = 32 << 20;
  std::vector<char> memory(kBytes, 'x');
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  volatile uint64_t spins = 0;
  while (std::chrono::steady_clock::now() < end) spins = spins + 1;
  host.Refresh();
  const auto after = reader->Read(host);
  ASSERT_TRUE(after) << after.error().message();
  // On a busy machine it does not get all of the 100 ms.
  EXPECT_GT(after->cpu_ns, before->cpu_ns + 10'000'000);
  EXPECT_GT(after->host_cpu_ns, before->host_cpu_ns);
  EXPECT_GE(after->memory, kBytes);
  EXPECT_GE(after->pids, 1);
  EXPECT_EQ(memory[kBytes / 2], 'x');
}

}  // namespace
}  // namespace berth::agent::stats
