// UsageHistory: a container's samples since the last report, as telemetry wants them.
#pragma once

#include <deque>
#include <optional>

#include "agent/stats/container_usage.h"
#include "ecs/wire/tcs_message.h"

namespace berth::agent::stats {

/// Bytes a second, between the last two samples.
struct NetworkRates {
  double rx_bytes_per_sec = 0;
  double tx_bytes_per_sec = 0;
};

class UsageHistory {
 public:
  /// Samples come in the order of their times; one that is not later than the last is left out.
  void Add(ContainerUsage usage);

  /// Null before the first.
  const ContainerUsage* last() const { return last_ ? &*last_ : nullptr; }
  const ContainerUsage* before_last() const { return before_last_ ? &*before_last_ : nullptr; }
  /// Nothing before the second sample with a network.
  std::optional<NetworkRates> rates() const { return rates_; }

  /// The sets of all samples since the last call, without names: processor time in per cent of one
  /// processor and network rates between samples; memory in whole MiB; the other counters as they
  /// stood. Nothing if there has been no more than one sample ever, or none since.
  std::optional<ecs::wire::ContainerMetric> TakeMetric();

 private:
  struct Sample {
    std::optional<double> cpu_percent;  // absent for the first of all
    uint64_t memory_mib = 0;
    uint64_t read_bytes = 0;
    uint64_t write_bytes = 0;
    std::optional<net::LinkCounters> network;
    std::optional<NetworkRates> rates;
  };

  // At one a second, what the agent keeps while it can't report: 5 minutes.
  static constexpr size_t kMostSamples = 300;

  std::optional<ContainerUsage> last_, before_last_;
  std::optional<NetworkRates> rates_;
  std::deque<Sample> unreported_;
};

}  // namespace berth::agent::stats
