#include "scheduler/api/dispatch.h"

#include <algorithm>
#include <functional>
#include <map>

#include "ecs/api/codec.h"
#include "ecs/parse.h"
#include "scheduler/api/operations.h"

namespace berth::scheduler {
namespace {

using Operation = std::function<Answer<std::string>(const Call&, std::string_view)>;

template <typename In, typename Out>
Operation Serve(Answer<Out> (*run)(const Call&, const In&)) {
  return [run](const Call& call, std::string_view body) -> Answer<std::string> {
    return api::FormatBody(API_TRY(run(call, API_TRY(api::ParseBody<In>(body)))));
  };
}

// Its input has rules of its own, told all at once.
Answer<std::string> ServeRegisterTaskDefinition(const Call& call, std::string_view body) {
  auto definition = ecs::ParseTaskDefinition(body);
  if (!definition) return ecs::ClientError("{}", definition.error().message());
  return api::FormatBody(API_TRY(RegisterTaskDefinition(call, std::move(*definition))));
}

const std::map<std::string_view, Operation>& Served() {
  static const std::map<std::string_view, Operation> kServed = {
      {"CreateCluster", Serve(CreateCluster)},
      {"DeleteAttributes", Serve(DeleteAttributes)},
      {"DeleteCluster", Serve(DeleteCluster)},
      {"DeleteTaskDefinitions", Serve(DeleteTaskDefinitions)},
      {"DeregisterContainerInstance", Serve(DeregisterContainerInstance)},
      {"DeregisterTaskDefinition", Serve(DeregisterTaskDefinition)},
      {"DescribeClusters", Serve(DescribeClusters)},
      {"DescribeContainerInstances", Serve(DescribeContainerInstances)},
      {"DescribeTaskDefinition", Serve(DescribeTaskDefinition)},
      {"DescribeTasks", Serve(DescribeTasks)},
      {"DiscoverPollEndpoint", Serve(DiscoverPollEndpoint)},
      {"GetTaskProtection", Serve(GetTaskProtection)},
      {"ListAttributes", Serve(ListAttributes)},
      {"ListClusters", Serve(ListClusters)},
      {"ListContainerInstances", Serve(ListContainerInstances)},
      {"ListTagsForResource", Serve(ListTagsForResource)},
      {"ListTaskDefinitionFamilies", Serve(ListTaskDefinitionFamilies)},
      {"ListTaskDefinitions", Serve(ListTaskDefinitions)},
      {"ListTasks", Serve(ListTasks)},
      {"PutAttributes", Serve(PutAttributes)},
      {"RegisterContainerInstance", Serve(RegisterContainerInstance)},
      {"RegisterTaskDefinition", ServeRegisterTaskDefinition},
      {"RunTask", Serve(RunTask)},
      {"StartTask", Serve(StartTask)},
      {"StopTask", Serve(StopTask)},
      {"SubmitAttachmentStateChanges", Serve(SubmitAttachmentStateChanges)},
      {"SubmitContainerStateChange", Serve(SubmitContainerStateChange)},
      {"SubmitTaskStateChange", Serve(SubmitTaskStateChange)},
      {"TagResource", Serve(TagResource)},
      {"UntagResource", Serve(UntagResource)},
      {"UpdateCluster", Serve(UpdateCluster)},
      {"UpdateClusterSettings", Serve(UpdateClusterSettings)},
      {"UpdateContainerInstancesState", Serve(UpdateContainerInstancesState)},
      {"UpdateTaskProtection", Serve(UpdateTaskProtection)},
  };
  return kServed;
}

// The operations of AWS's model (botocore, August 2026) that are not served.
constexpr std::string_view kNotServed[] = {
    "ContinueServiceDeployment",
    "CreateCapacityProvider",
    "CreateDaemon",
    "CreateExpressGatewayService",
    "CreateService",
    "CreateTaskSet",
    "DeleteAccountSetting",
    "DeleteCapacityProvider",
    "DeleteDaemon",
    "DeleteDaemonTaskDefinition",
    "DeleteExpressGatewayService",
    "DeleteService",
    "DeleteTaskSet",
    "DescribeCapacityProviders",
    "DescribeDaemon",
    "DescribeDaemonDeployments",
    "DescribeDaemonRevisions",
    "DescribeDaemonTaskDefinition",
    "DescribeExpressGatewayService",
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "DescribeServices",
    "DescribeTaskSets",
    "ExecuteCommand",
    "ListAccountSettings",
    "ListDaemonDeployments",
    "ListDaemonTaskDefinitions",
    "ListDaemons",
    "ListServiceDeployments",
    "ListServices",
    "ListServicesByNamespace",
    "PutAccountSetting",
    "PutAccountSettingDefault",
    "PutClusterCapacityProviders",
    "RegisterDaemonTaskDefinition",
    "StopServiceDeployment",
    "UpdateCapacityProvider",
    "UpdateContainerAgent",
    "UpdateDaemon",
    "UpdateExpressGatewayService",
    "UpdateService",
    "UpdateServicePrimaryTaskSet",
    "UpdateTaskSet",
};

}  // namespace

ecs::ApiResult<std::string> Dispatch(const Call& call, std::string_view body) {
  const auto found = Served().find(call.operation());
  if (found != Served().end()) return found->second(call, body);
  const auto* known = std::find(std::begin(kNotServed), std::end(kNotServed), call.operation());
  if (known != std::end(kNotServed)) {
    return ecs::Refuse("UnsupportedFeatureException", "{} is not supported by Berth {} yet", *known,
                       BERTH_VERSION);
  }
  return ecs::Refuse("UnknownOperationException", "{} is no operation of Amazon ECS",
                     call.operation());
}

std::vector<OperationInfo> AllOperations() {
  std::vector<OperationInfo> all;
  for (const auto& [name, operation] : Served()) all.push_back({.name = name, .served = true});
  for (const std::string_view name : kNotServed) all.push_back({.name = name});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

std::string ApiCoveragePage() {
  const std::vector<OperationInfo> all = AllOperations();
  const auto served =
      std::count_if(all.begin(), all.end(), [](const auto& each) { return each.served; });
  std::string page = fmt::format(
      "# API coverage\n\n"
      "What `berth-scheduler` serves of the Amazon ECS API: {} of {} operations. Every other one "
      "is "
      "answered by\n`UnsupportedFeatureException`, with its name. This page is written by "
      "`berth-scheduler --api-coverage`.\n\n| operation | served |\n| --- | --- |\n",
      served, all.size());
  for (const OperationInfo& each : all) {
    page += fmt::format("| {} | {} |\n", each.name, each.served ? "yes" : "");
  }
  return page;
}

}  // namespace berth::scheduler
