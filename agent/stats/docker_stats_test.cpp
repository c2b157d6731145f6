#include "agent/stats/docker_stats.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace berth::agent::stats {
namespace {

ContainerUsage At(int second) {
  ContainerUsage usage;
  usage.read = WallTime(std::chrono::seconds(second));
  usage.cpu_ns = static_cast<uint64_t>(second) * 10;
  usage.memory = 7;
  usage.network = net::LinkCounters{.rx_bytes = static_cast<uint64_t>(second) * 100};
  return usage;
}

const StatsSubject kSubject = {
    .docker_id = "id",
    .docker_name = "name",
    .details = {.pids_limit = 9, .memory_stat = {{"anon", 3}}},
};

TEST(DockerStatsTest, NullBeforeTheFirstSample) {
  EXPECT_TRUE(DockerStats({}, kSubject, RateStats::kShown).is_null());
}

TEST(DockerStatsTest, TheFirstSampleHasZerosBeforeIt) {
  UsageHistory history;
  history.Add(At(1));
  const Json stats = DockerStats(history, kSubject, RateStats::kShown);
  EXPECT_EQ(stats.at("preread"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(stats.at("precpu_stats").at("cpu_usage").at("total_usage"), 0);
  EXPECT_FALSE(stats.contains("network_rate_stats"));
}

TEST(DockerStatsTest, HasTheShapeOfDockers) {
  UsageHistory history;
  history.Add(At(1));
  history.Add(At(2));
  const Json stats = DockerStats(history, kSubject, RateStats::kShown);
  EXPECT_EQ(stats.at("read"), "1970-01-01T00:00:02.000000000Z");
  EXPECT_EQ(stats.at("preread"), "1970-01-01T00:00:01.000000000Z");
  EXPECT_EQ(stats.at("name"), "/name");
  EXPECT_EQ(stats.at("id"), "id");
  EXPECT_EQ(stats.at("cpu_stats").at("cpu_usage").at("total_usage"), 20);
  EXPECT_EQ(stats.at("precpu_stats").at("cpu_usage").at("total_usage"), 10);
  EXPECT_TRUE(stats.at("cpu_stats").at("online_cpus").is_number_integer());
  EXPECT_EQ(stats.at("memory_stats").at("stats").at("anon"), 3);
  EXPECT_FALSE(stats.at("memory_stats").contains("limit"));
  EXPECT_EQ(stats.at("pids_stats").at("limit"), 9);
  EXPECT_EQ(stats.at("networks").at("eth0").at("rx_bytes"), 200);
  EXPECT_EQ(stats.at("network_rate_stats").at("rx_bytes_per_sec"), 100);
  EXPECT_TRUE(stats.at("blkio_stats").at("io_serviced_recursive").is_null());
  EXPECT_FALSE(DockerStats(history, kSubject, RateStats::kLeftOut).contains("network_rate_stats"));
}

}  // namespace
}  // namespace berth::agent::stats
