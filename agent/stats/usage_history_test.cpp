#include "agent/stats/usage_history.h"

#include <gtest/gtest.h>

namespace berth::agent::stats {
namespace {

constexpr uint64_t kMiB = 1 << 20;

ContainerUsage At(int second, uint64_t cpu_ns) {
  ContainerUsage usage;
  usage.read = WallTime(std::chrono::seconds(1000 + second));
  usage.cpu_ns = cpu_ns;
  usage.memory = 10 * kMiB;
  usage.inactive_file = 4 * kMiB;
  return usage;
}

TEST(UsageHistoryTest, OneSampleIsNoMetric) {
  UsageHistory history;
  EXPECT_EQ(history.last(), nullptr);
  history.Add(At(0, 5));
  EXPECT_FALSE(history.TakeMetric());
  EXPECT_NE(history.last(), nullptr);
}

TEST(UsageHistoryTest, ProcessorTimeIsPerCentOfOneProcessorBetweenSamples) {
  UsageHistory history;
  history.Add(At(0, 0));
  history.Add(At(1, 500'000'000));
  history.Add(At(2, 2'000'000'000));
  const auto metric = history.TakeMetric();
  ASSERT_TRUE(metric);
  EXPECT_EQ(metric->cpuStatsSet,
            (ecs::wire::StatsSet{.min = 50, .max = 150, .sampleCount = 2, .sum = 200}));
}

TEST(UsageHistoryTest, MemoryIsWholeMebibytesWithoutIdleCache) {
  UsageHistory history;
  history.Add(At(0, 0));
  ContainerUsage usage = At(1, 0);
  usage.memory += kMiB / 2;
  history.Add(usage);
  EXPECT_EQ(history.TakeMetric()->memoryStatsSet,
            (ecs::wire::StatsSet{.min = 6, .max = 6, .sampleCount = 2, .sum = 12}));
}

TEST(UsageHistoryTest, AReportStartsTheNextOneAnew) {
  UsageHistory history;
  history.Add(At(0, 0));
  history.Add(At(1, 0));
  ASSERT_TRUE(history.TakeMetric());
  EXPECT_FALSE(history.TakeMetric());
  history.Add(At(2, 1'000'000'000));
  const auto metric = history.TakeMetric();
  ASSERT_TRUE(metric);
  EXPECT_EQ(metric->cpuStatsSet->sampleCount, 1) << "the first of all alone has no value";
  EXPECT_EQ(metric->cpuStatsSet->max, 100);
}

TEST(UsageHistoryTest, NetworkCountersAreAsTheyStoodAndRatesBetween) {
  UsageHistory history;
  ContainerUsage first = At(0, 0), second = At(2, 0);
  first.network = net::LinkCounters{.rx_bytes = 1000, .tx_bytes = 10};
  second.network = net::LinkCounters{.rx_bytes = 3000, .tx_bytes = 10};
  history.Add(first);
  EXPECT_FALSE(history.rates());
  history.Add(second);
  const auto metric = history.TakeMetric();
  const auto& network = metric->networkStatsSet.value();
  EXPECT_EQ(network.rxBytes,
            (ecs::wire::ULongStatsSet{.min = 1000, .max = 3000, .sampleCount = 2, .sum = 4000}));
  EXPECT_EQ(network.rxBytesPerSecond,
            (ecs::wire::StatsSet{.min = 1000, .max = 1000, .sampleCount = 1, .sum = 1000}));
  EXPECT_EQ(history.rates()->rx_bytes_per_sec, 1000);
  EXPECT_EQ(history.rates()->tx_bytes_per_sec, 0);
}

TEST(UsageHistoryTest, WithoutANetworkThereIsNoSetOfIt) {
  UsageHistory history;
  history.Add(At(0, 0));
  history.Add(At(1, 0));
  EXPECT_FALSE(history.TakeMetric()->networkStatsSet);
}

TEST(UsageHistoryTest, NumbersAboveInt64ComeInTwoParts) {
  UsageHistory history;
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  for (const int second : {0, 1}) {
    ContainerUsage usage = At(second, 0);
    usage.read_bytes = kMost;
    history.Add(usage);
  }
  const auto set = history.TakeMetric()->storageStatsSet->readSizeBytes.value();
  EXPECT_EQ(set.max, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(set.overflowMax, 0);
  EXPECT_EQ(set.sum, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(set.overflowSum, static_cast<int64_t>((kMost + kMost) % kMost));
}

TEST(UsageHistoryTest, SamplesThatAreNotLaterAndCountersThatGoBackDoNoHarm) {
  UsageHistory history;
  history.Add(At(5, 1'000'000'000));
  history.Add(At(5, 2'000'000'000));
  EXPECT_EQ(history.before_last(), nullptr);
  history.Add(At(6, 0));
  EXPECT_EQ(history.TakeMetric()->cpuStatsSet->max, 0);
}

}  // namespace
}  // namespace berth::agent::stats
