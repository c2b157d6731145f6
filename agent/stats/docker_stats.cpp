#include "agent/stats/docker_stats.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

namespace berth::agent::stats {
namespace {

Json CpuStats(const ContainerUsage& usage) {
  return {{"cpu_usage",
           {{"total_usage", usage.cpu_ns},
            {"usage_in_kernelmode", usage.cpu_system_ns},
            {"usage_in_usermode", usage.cpu_user_ns}}},
          {"system_cpu_usage", usage.host_cpu_ns},
          {"online_cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"throttling_data",
           {{"periods", usage.periods},
            {"throttled_periods", usage.throttled_periods},
            {"throttled_time", usage.throttled_ns}}}};
}

/// What Docker shows before there is a first sample.
Json NoCpuStats() {
  return {{"cpu_usage", {{"total_usage", 0}, {"usage_in_kernelmode", 0}, {"usage_in_usermode", 0}}},
          {"throttling_data", {{"periods", 0}, {"throttled_periods", 0}, {"throttled_time", 0}}}};
}

Json MemoryStats(const ContainerUsage& usage, const UsageDetails& details) {
  Json stats = {{"usage", usage.memory}, {"stats", Json::object()}};
  for (const auto& [name, value] : details.memory_stat) stats["stats"][name] = value;
  if (details.memory_limit > 0) stats["limit"] = details.memory_limit;
  return stats;
}

/// The totals of all devices, under the number that no device has.
Json StorageStats(const ContainerUsage& usage) {
  const auto entry = [](const char* operation, uint64_t value) -> Json {
    return {{"major", 0}, {"minor", 0}, {"op", operation}, {"value", value}};
  };
  Json stats = {{"io_service_bytes_recursive", Json::array({entry("read", usage.read_bytes),
                                                            entry("write", usage.write_bytes)})}};
  for (const char* unknown : {"io_serviced_recursive", "io_queue_recursive",
                              "io_service_time_recursive", "io_wait_time_recursive",
                              "io_merged_recursive", "io_time_recursive", "sectors_recursive"}) {
    stats[unknown] = nullptr;
  }
  return stats;
}

Json NetworkStats(const net::LinkCounters& counters) {
  return {{"rx_bytes", counters.rx_bytes},   {"rx_packets", counters.rx_packets},
          {"rx_errors", counters.rx_errors}, {"rx_dropped", counters.rx_dropped},
          {"tx_bytes", counters.tx_bytes},   {"tx_packets", counters.tx_packets},
          {"tx_errors", counters.tx_errors}, {"tx_dropped", counters.tx_dropped}};
}

Json PidsStats(const ContainerUsage& usage, const UsageDetails& details) {
  Json stats = {{"current", usage.pids}};
  if (details.pids_limit > 0) stats["limit"] = details.pids_limit;
  return stats;
}

}  // namespace

Json DockerStats(const UsageHistory& history, const StatsSubject& subject, RateStats rates) {
  const ContainerUsage* usage = history.last();
  if (usage == nullptr) return nullptr;
  const ContainerUsage* before = history.before_last();
  Json stats = {{"read", FormatTime(usage->read)},
                {"preread", before != nullptr ? FormatTime(before->read) : "0001-01-01T00:00:00Z"},
                {"pids_stats", PidsStats(*usage, subject.details)},
                {"blkio_stats", StorageStats(*usage)},
                {"num_procs", 0},
                {"storage_stats", Json::object()},
                {"cpu_stats", CpuStats(*usage)},
                {"precpu_stats", before != nullptr ? CpuStats(*before) : NoCpuStats()},
                {"memory_stats", MemoryStats(*usage, subject.details)},
                {"name", "/" + subject.docker_name},
                {"id", subject.docker_id}};
  if (usage->network) stats["networks"] = {{"eth0", NetworkStats(*usage->network)}};
  if (const auto known = history.rates(); known && rates == RateStats::kShown) {
    stats["network_rate_stats"] = {{"rx_bytes_per_sec", known->rx_bytes_per_sec},
                                   {"tx_bytes_per_sec", known->tx_bytes_per_sec}};
  }
  return stats;
}

}  // namespace berth::agent::stats
