// Clusters, in the shapes of the ECS API.
#pragma once

#include "ecs/api/common.h"

namespace berth::ecs::api {

struct ClusterSetting {
  std::string name;  // containerInsights
  std::string value;

  bool operator==(const ClusterSetting&) const = default;
};

struct ExecuteCommandLogConfiguration {
  std::optional<std::string> cloudWatchLogGroupName;
  std::optional<bool> cloudWatchEncryptionEnabled;
  std::optional<std::string> s3BucketName;
  std::optional<bool> s3EncryptionEnabled;
  std::optional<std::string> s3KeyPrefix;

  bool operator==(const ExecuteCommandLogConfiguration&) const = default;
};

struct ExecuteCommandConfiguration {
  std::optional<std::string> kmsKeyId;
  std::optional<std::string> logging;  // NONE, DEFAULT, OVERRIDE
  std::optional<ExecuteCommandLogConfiguration> logConfiguration;

  bool operator==(const ExecuteCommandConfiguration&) const = default;
};

struct ClusterConfiguration {
  std::optional<ExecuteCommandConfiguration> executeCommandConfiguration;

  bool operator==(const ClusterConfiguration&) const = default;
};

struct ServiceConnectDefaults {
  std::string namespace_;

  bool operator==(const ServiceConnectDefaults&) const = default;
};

struct Cluster {
  std::string clusterArn;
  std::string clusterName;
  std::optional<ClusterConfiguration> configuration;
  std::string status;  // ACTIVE, INACTIVE
  int64_t registeredContainerInstancesCount = 0;
  int64_t runningTasksCount = 0;
  int64_t pendingTasksCount = 0;
  int64_t activeServicesCount = 0;
  std::vector<KeyValuePair> statistics;
  std::vector<Tag> tags;
  std::vector<ClusterSetting> settings;
  std::vector<std::string> capacityProviders;
  std::vector<CapacityProviderStrategyItem> defaultCapacityProviderStrategy;
  std::optional<ServiceConnectDefaults> serviceConnectDefaults;

  bool operator==(const Cluster&) const = default;
};

struct CreateClusterRequest {
  std::optional<std::string> clusterName;
  std::vector<Tag> tags;
  std::vector<ClusterSetting> settings;
  std::optional<ClusterConfiguration> configuration;
  std::vector<std::string> capacityProviders;
  std::vector<CapacityProviderStrategyItem> defaultCapacityProviderStrategy;
  std::optional<ServiceConnectDefaults> serviceConnectDefaults;
};

struct ClusterResponse {
  Cluster cluster;
};

struct DescribeClustersRequest {
  std::vector<std::string> clusters;
  std::vector<std::string> include;  // ATTACHMENTS, CONFIGURATIONS, SETTINGS, STATISTICS, TAGS
};

struct DescribeClustersResponse {
  std::vector<Cluster> clusters;
  std::vector<Failure> failures;
};

struct ListClustersRequest {
  std::optional<std::string> nextToken;
  std::optional<int64_t> maxResults;
};

struct ListClustersResponse {
  std::vector<std::string> clusterArns;
  std::optional<std::string> nextToken;
};

struct UpdateClusterRequest {
  std::string cluster;
  std::vector<ClusterSetting> settings;
  std::optional<ClusterConfiguration> configuration;
  std::optional<ServiceConnectDefaults> serviceConnectDefaults;
};

struct UpdateClusterSettingsRequest {
  std::string cluster;
  std::vector<ClusterSetting> settings;
};

struct DeleteClusterRequest {
  std::string cluster;
};

}  // namespace berth::ecs::api
