#include "agent/stats/usage_history.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace berth::agent::stats {
namespace {

using ecs::wire::StatsSet;
using ecs::wire::ULongStatsSet;

/// What has been added; a counter that went back (its owner was replaced) has added nothing.
double Grown(uint64_t before, uint64_t after) {
  return after > before ? static_cast<double>(after - before) : 0;
}

std::optional<StatsSet> SetOf(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  StatsSet set{.min = values[0], .max = values[0]};
  for (const double value : values) {
    set.min = std::min(set.min, value);
    set.max = std::max(set.max, value);
    set.sum += value;
  }
  set.sampleCount = static_cast<int64_t>(values.size());
  return set;
}

struct Halves {
  int64_t low;
  int64_t overflow;
};

/// A number above 2^63-1 as that and the rest.
Halves SplitInHalves(uint64_t value) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  if (value <= kMost) return {static_cast<int64_t>(value), 0};
  return {static_cast<int64_t>(kMost), static_cast<int64_t>(value % kMost)};
}

std::optional<ULongStatsSet> SetOf(const std::vector<uint64_t>& values) {
  if (values.empty()) return std::nullopt;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  uint64_t total = 0;
  for (const uint64_t value : values) total += value;
  const Halves min = SplitInHalves(*least), max = SplitInHalves(*most), sum = SplitInHalves(total);
  return ULongStatsSet{.min = min.low,
                       .overflowMin = min.overflow,
                       .max = max.low,
                       .overflowMax = max.overflow,
                       .sampleCount = static_cast<int64_t>(values.size()),
                       .sum = sum.low,
                       .overflowSum = sum.overflow};
}

/// The set of what `pick` finds in each sample that has it.
template <typename Value, typename Samples, typename Pick>
auto SetOver(const Samples& samples, Pick pick) {
  std::vector<Value> values;
  for (const auto& sample : samples) {
    if (const std::optional<Value> value = pick(sample)) values.push_back(*value);
  }
  return SetOf(values);
}

template <typename Samples>
std::optional<ecs::wire::NetworkStatsSet> NetworkSet(const Samples& samples) {
  const auto counter = [&](uint64_t net::LinkCounters::*member) {
    return SetOver<uint64_t>(samples, [&](const auto& sample) {
      return sample.network ? std::optional((*sample.network).*member) : std::nullopt;
    });
  };
  const auto rate = [&](double NetworkRates::*member) {
    return SetOver<double>(samples, [&](const auto& sample) {
      return sample.rates ? std::optional((*sample.rates).*member) : std::nullopt;
    });
  };
  using net::LinkCounters;
  ecs::wire::NetworkStatsSet set = {.rxBytes = counter(&LinkCounters::rx_bytes),
                                    .rxPackets = counter(&LinkCounters::rx_packets),
                                    .rxErrors = counter(&LinkCounters::rx_errors),
                                    .rxDropped = counter(&LinkCounters::rx_dropped),
                                    .txBytes = counter(&LinkCounters::tx_bytes),
                                    .txPackets = counter(&LinkCounters::tx_packets),
                                    .txErrors = counter(&LinkCounters::tx_errors),
                                    .txDropped = counter(&LinkCounters::tx_dropped),
                                    .rxBytesPerSecond = rate(&NetworkRates::rx_bytes_per_sec),
                                    .txBytesPerSecond = rate(&NetworkRates::tx_bytes_per_sec)};
  if (!set.rxBytes) return std::nullopt;
  return set;
}

}  // namespace

void UsageHistory::Add(ContainerUsage usage) {
  constexpr uint64_t kMiB = 1 << 20;
  Sample sample = {.memory_mib = usage.MemoryInUse() / kMiB,
                   .read_bytes = usage.read_bytes,
                   .write_bytes = usage.write_bytes,
                   .network = usage.network};
  if (last_) {
    if (usage.read <= last_->read) return;
    const auto wall_ns = static_cast<double>((usage.read - last_->read).count());
    sample.cpu_percent = 100 * Grown(last_->cpu_ns, usage.cpu_ns) / wall_ns;
    if (usage.network && last_->network) {
      constexpr double kNsPerSecond = 1e9;
      const net::LinkCounters &from = *last_->network, &to = *usage.network;
      sample.rates = {
          .rx_bytes_per_sec = Grown(from.rx_bytes, to.rx_bytes) * kNsPerSecond / wall_ns,
          .tx_bytes_per_sec = Grown(from.tx_bytes, to.tx_bytes) * kNsPerSecond / wall_ns};
      rates_ = sample.rates;
    }
  }
  unreported_.push_back(std::move(sample));
  if (unreported_.size() > kMostSamples) unreported_.pop_front();
  before_last_ = std::move(last_);
  last_ = std::move(usage);
}

std::optional<ecs::wire::ContainerMetric> UsageHistory::TakeMetric() {
  if (!before_last_ || unreported_.empty()) return std::nullopt;
  ecs::wire::ContainerMetric metric;
  metric.cpuStatsSet =
      SetOver<double>(unreported_, [](const Sample& sample) { return sample.cpu_percent; });
  metric.memoryStatsSet = SetOver<double>(unreported_, [](const Sample& sample) {
    return std::optional(static_cast<double>(sample.memory_mib));
  });
  metric.storageStatsSet = {
      .readSizeBytes = SetOver<uint64_t>(
          unreported_, [](const Sample& sample) { return std::optional(sample.read_bytes); }),
      .writeSizeBytes = SetOver<uint64_t>(
          unreported_, [](const Sample& sample) { return std::optional(sample.write_bytes); })};
  metric.networkStatsSet = NetworkSet(unreported_);
  unreported_.clear();
  return metric;
}

}  // namespace berth::agent::stats
