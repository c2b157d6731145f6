#include <algorithm>

#include "scheduler/api/operations.h"
#include "scheduler/api/page.h"
#include "scheduler/api/tag_rules.h"

namespace berth::scheduler {
namespace {

// Letters, digits, hyphens and underscores, up to 255: the API reference's rule.
bool IsClusterName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), allowed);
}

Answer<void> CheckSettings(const std::vector<api::ClusterSetting>& settings) {
  for (const api::ClusterSetting& setting : settings) {
    if (setting.name != "containerInsights") {
      return ecs::InvalidParameter("Setting name must be containerInsights, not {}", setting.name);
    }
    constexpr std::string_view kValues[] = {"enabled", "disabled", "enhanced"};
    if (std::find(std::begin(kValues), std::end(kValues), setting.value) == std::end(kValues)) {
      return ecs::InvalidParameter(
          "containerInsights must be one of enabled, disabled, enhanced, not {}", setting.value);
    }
  }
  return {};
}

void Merge(std::vector<api::ClusterSetting>& into, const std::vector<api::ClusterSetting>& from) {
  for (const api::ClusterSetting& setting : from) {
    std::erase_if(into, [&](const auto& own) { return own.name == setting.name; });
    into.push_back(setting);
  }
}

// As it is shown: with its counts.
api::Cluster Shown(const World& world, const ClusterRecord& record) {
  api::Cluster cluster = record.cluster;
  const TaskCounts counts = world.CountsOfCluster(cluster.clusterName);
  cluster.runningTasksCount = counts.running;
  cluster.pendingTasksCount = counts.pending;
  cluster.registeredContainerInstancesCount = world.InstancesOf(cluster.clusterName);
  return cluster;
}

void HideWhatWasNotAskedFor(api::Cluster& cluster, const std::vector<std::string>& include) {
  const auto asked = [&](std::string_view what) {
    return std::find(include.begin(), include.end(), what) != include.end();
  };
  if (!asked("TAGS")) cluster.tags.clear();
  if (!asked("SETTINGS")) cluster.settings.clear();
  if (!asked("CONFIGURATIONS")) cluster.configuration.reset();
  if (asked("STATISTICS")) {
    cluster.statistics = {
        {"runningEC2TasksCount", std::to_string(cluster.runningTasksCount)},
        {"pendingEC2TasksCount", std::to_string(cluster.pendingTasksCount)},
        {"activeEC2ServiceCount", "0"},
        {"drainingEC2ServiceCount", "0"},
    };
  }
}

}  // namespace

Answer<api::ClusterResponse> CreateCluster(const Call& call,
                                           const api::CreateClusterRequest& request) {
  World& world = call.world();
  const std::string name = request.clusterName.value_or("default");
  if (!IsClusterName(name)) {
    return ecs::InvalidParameter(
        "clusterName must have up to 255 letters, digits, hyphens and underscores, not \"{}\"",
        name);
  }
  const std::string arn = call.arns().Cluster(name);
  API_TRY(call.May(arn));
  if (!request.capacityProviders.empty() || !request.defaultCapacityProviderStrategy.empty()) {
    return ecs::InvalidParameter("capacityProviders are not supported yet");
  }
  API_TRY(CheckSettings(request.settings));
  API_TRY(CheckTags(request.tags));
  const ClusterRecord* existing = world.clusters().Find(name);
  if (existing != nullptr && existing->cluster.status == "ACTIVE") {
    // Creating it again is no error, and changes nothing.
    return api::ClusterResponse{Shown(world, *existing)};
  }
  ClusterRecord record;
  record.cluster = {.clusterArn = arn,
                    .clusterName = name,
                    .configuration = request.configuration,
                    .status = "ACTIVE",
                    .tags = request.tags,
                    .settings = request.settings,
                    .serviceConnectDefaults = request.serviceConnectDefaults};
  if (record.cluster.settings.empty())
    record.cluster.settings = {{"containerInsights", "disabled"}};
  return api::ClusterResponse{Shown(world, world.PutCluster(std::move(record)))};
}

Answer<api::DescribeClustersResponse> DescribeClusters(
    const Call& call, const api::DescribeClustersRequest& request) {
  api::DescribeClustersResponse response;
  std::vector<std::string> names = request.clusters;
  if (names.empty()) names.push_back("default");
  if (names.size() > 100) return ecs::InvalidParameter("clusters must name at most 100 clusters");
  for (const std::string& name : names) {
    const ClusterRecord* record = call.world().clusters().Find(LastPart(name));
    const std::string arn = call.arns().Cluster(LastPart(name));
    API_TRY(call.May(arn));
    if (record == nullptr || (name.starts_with("arn:") && name != arn)) {
      response.failures.push_back(
          {.arn = name.starts_with("arn:") ? name : arn, .reason = "MISSING"});
      continue;
    }
    api::Cluster cluster = Shown(call.world(), *record);
    HideWhatWasNotAskedFor(cluster, request.include);
    response.clusters.push_back(std::move(cluster));
  }
  return response;
}

Answer<api::ListClustersResponse> ListClusters(const Call& call,
                                               const api::ListClustersRequest& request) {
  API_TRY(call.May("*"));
  std::vector<std::string> arns;
  for (const auto& [name, record] : call.world().clusters().all()) {
    if (record.cluster.status == "ACTIVE") arns.push_back(record.cluster.clusterArn);
  }
  Page page = API_TRY(CutPage(
      std::move(arns), {.max_results = request.maxResults, .next_token = request.nextToken}));
  return api::ListClustersResponse{std::move(page.items), std::move(page.next_token)};
}

Answer<api::ClusterResponse> UpdateCluster(const Call& call,
                                           const api::UpdateClusterRequest& request) {
  ClusterRecord record = *API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May(record.cluster.clusterArn));
  API_TRY(CheckSettings(request.settings));
  Merge(record.cluster.settings, request.settings);
  if (request.configuration) record.cluster.configuration = request.configuration;
  if (request.serviceConnectDefaults) {
    record.cluster.serviceConnectDefaults = request.serviceConnectDefaults;
  }
  return api::ClusterResponse{Shown(call.world(), call.world().PutCluster(std::move(record)))};
}

Answer<api::ClusterResponse> UpdateClusterSettings(
    const Call& call, const api::UpdateClusterSettingsRequest& request) {
  ClusterRecord record = *API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May(record.cluster.clusterArn));
  API_TRY(CheckSettings(request.settings));
  Merge(record.cluster.settings, request.settings);
  return api::ClusterResponse{Shown(call.world(), call.world().PutCluster(std::move(record)))};
}

Answer<api::ClusterResponse> DeleteCluster(const Call& call,
                                           const api::DeleteClusterRequest& request) {
  World& world = call.world();
  ClusterRecord record = *API_TRY(call.FindCluster(request.cluster));
  const std::string& name = record.cluster.clusterName;
  API_TRY(call.May(record.cluster.clusterArn));
  if (world.InstancesOf(name) > 0) {
    return ecs::Refuse("ClusterContainsContainerInstancesException",
                       "The Cluster cannot be deleted while Container Instances are active or "
                       "draining.");
  }
  const TaskCounts counts = world.CountsOfCluster(name);
  if (counts.running + counts.pending > 0) {
    return ecs::Refuse("ClusterContainsTasksException",
                       "The Cluster cannot be deleted while Tasks are active.");
  }
  // It stays to be described, as INACTIVE, until one of that name is created again.
  record.cluster.status = "INACTIVE";
  return api::ClusterResponse{Shown(world, world.PutCluster(std::move(record)))};
}

}  // namespace berth::scheduler
