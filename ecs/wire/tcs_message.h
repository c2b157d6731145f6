// The messages of the telemetry service (TCS), both ways: {"type": ..., "message": ...}. What an
// agent sends comes behind a block of signed headers (ecs/sigv4.h, SignFrame).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ecs/wire/acs_message.h"

namespace berth::ecs::wire {

struct StatsSet {
  double min = 0;
  double max = 0;
  int64_t sampleCount = 0;
  double sum = 0;

  bool operator==(const StatsSet&) const = default;
};

/// Of counters that may pass 2^63: the high parts come apart.
struct ULongStatsSet {
  int64_t min = 0;
  int64_t overflowMin = 0;
  int64_t max = 0;
  int64_t overflowMax = 0;
  int64_t sampleCount = 0;
  int64_t sum = 0;
  int64_t overflowSum = 0;

  bool operator==(const ULongStatsSet&) const = default;
};

struct StorageStatsSet {
  std::optional<ULongStatsSet> readSizeBytes;
  std::optional<ULongStatsSet> writeSizeBytes;

  bool operator==(const StorageStatsSet&) const = default;
};

struct NetworkStatsSet {
  std::optional<ULongStatsSet> rxBytes, rxPackets, rxErrors, rxDropped;
  std::optional<ULongStatsSet> txBytes, txPackets, txErrors, txDropped;
  std::optional<StatsSet> rxBytesPerSecond, txBytesPerSecond;

  bool operator==(const NetworkStatsSet&) const = default;
};

struct RestartStatsSet {
  int64_t restartCount = 0;

  bool operator==(const RestartStatsSet&) const = default;
};

struct ContainerMetric {
  std::string containerName;
  std::optional<std::string> containerArn;
  std::optional<StatsSet> cpuStatsSet;     // per cent of one processor
  std::optional<StatsSet> memoryStatsSet;  // MiB
  std::optional<NetworkStatsSet> networkStatsSet;
  std::optional<StorageStatsSet> storageStatsSet;
  std::optional<RestartStatsSet> restartStatsSet;

  bool operator==(const ContainerMetric&) const = default;
};

struct TaskMetric {
  std::string taskArn;
  std::optional<std::string> clusterArn;
  std::string taskDefinitionFamily;
  std::string taskDefinitionVersion;
  std::vector<ContainerMetric> containerMetrics;

  bool operator==(const TaskMetric&) const = default;
};

struct MetricsMetadata {
  std::string cluster;
  std::string containerInstance;
  bool idle = false;
  bool fin = false;
  std::string messageId;
};

struct PublishMetricsRequest {
  MetricsMetadata metadata;
  std::vector<TaskMetric> taskMetrics;
  std::optional<WallTime> timestamp;
};

struct ContainerHealth {
  std::string containerName;
  std::string healthStatus;  // HEALTHY, UNHEALTHY, UNKNOWN
  std::optional<WallTime> statusSince;
  std::optional<std::string> statusMessage;
};

struct TaskHealth {
  std::string taskArn;
  std::optional<std::string> clusterArn;
  std::string taskDefinitionFamily;
  std::string taskDefinitionVersion;
  std::vector<ContainerHealth> containers;
};

struct HealthMetadata {
  std::string cluster;
  std::string containerInstance;
  bool fin = false;
  std::string messageId;
};

struct PublishHealthRequest {
  HealthMetadata metadata;
  std::vector<TaskHealth> tasks;
  std::optional<WallTime> timestamp;
};

struct InstanceStatus {
  std::string type;    // ContainerRuntime, ...
  std::string status;  // OK, IMPAIRED, INSUFFICIENT_DATA, INITIALIZING
  std::optional<std::string> statusReason;
  std::optional<WallTime> lastUpdated;
  std::optional<WallTime> lastStatusChange;
};

struct InstanceStatusMetadata {
  std::string cluster;
  std::string containerInstance;
  std::string requestId;
};

struct PublishInstanceStatusRequest {
  InstanceStatusMetadata metadata;
  std::vector<InstanceStatus> statuses;
  std::optional<WallTime> timestamp;
};

using TcsReport = std::variant<PublishMetricsRequest, PublishHealthRequest,
                               PublishInstanceStatusRequest, UnknownMessage>;

struct AckPublishMetric {
  std::string message;
};
struct AckPublishHealth {
  std::string message;
};
struct AckPublishInstanceStatus {
  std::string message;
};

/// HeartbeatMessage goes without a messageId here. ServiceNotice: StopTelemetrySessionMessage and
/// the exceptions.
using TcsAnswer = std::variant<AckPublishMetric, AckPublishHealth, AckPublishInstanceStatus,
                               HeartbeatMessage, ServiceNotice, UnknownMessage>;

/// As for ACS (acs_message.h); without the signed headers.
Result<TcsReport> ParseTcsReport(std::string_view json);
Result<TcsAnswer> ParseTcsAnswer(std::string_view frame);
std::string FormatTcs(const TcsReport& report);
std::string FormatTcs(const TcsAnswer& answer);

}  // namespace berth::ecs::wire
