#include <map>
#include <set>

#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

constexpr size_t kMostContainers = 10;

void CheckContainers(const TaskDefinition& definition, const Place& at) {
  const auto& containers = definition.containerDefinitions;
  if (containers.empty()) return at.Complain("containerDefinitions is required");
  const Place list = at["containerDefinitions"];
  if (containers.size() > kMostContainers) {
    list.Complain("must have at most {} containers, not {}", kMostContainers, containers.size());
  }
  const auto essential = [](const ContainerDefinition& container) { return container.essential; };
  if (std::none_of(containers.begin(), containers.end(), essential)) {
    list.Complain("at least one container must be essential");
  }
  std::map<std::string_view, size_t> first;
  for (size_t i = 0; i < containers.size(); ++i) {
    if (containers[i].name.empty()) continue;
    const auto [other, is_new] = first.emplace(containers[i].name, i);
    if (!is_new) list[i]["name"].Complain("is the name of {} as well", list[other->second].path());
  }
}

bool IsRole(std::string_view text) {
  if (text.starts_with("arn:")) return text.find(":role/") != std::string_view::npos;
  return text.size() <= 64 && IsMadeOf(text, "+=,.@_-");
}

bool NeedsExecutionRole(const ContainerDefinition& container) {
  return !container.secrets.empty() || container.repositoryCredentials ||
         (container.logConfiguration && !container.logConfiguration->secretOptions.empty());
}

void CheckRoles(const TaskDefinition& definition, const Place& at) {
  constexpr std::string_view kRole = "must be the ARN or the name of a role";
  if (definition.taskRoleArn && !IsRole(*definition.taskRoleArn)) {
    at["taskRoleArn"].Complain("{}, not {}", kRole, QuoteJson(*definition.taskRoleArn));
  }
  if (definition.executionRoleArn && !IsRole(*definition.executionRoleArn)) {
    at["executionRoleArn"].Complain("{}, not {}", kRole, QuoteJson(*definition.executionRoleArn));
  }
  if (definition.executionRoleArn) return;
  const auto& containers = definition.containerDefinitions;
  const auto needy = std::find_if(containers.begin(), containers.end(), NeedsExecutionRole);
  if (needy == containers.end()) return;
  at["executionRoleArn"].Complain("must be given for the secrets or credentials of {}",
                                  at["containerDefinitions"][needy - containers.begin()].path());
}

void CheckPlacement(const std::vector<PlacementConstraint>& constraints, const Place& at) {
  if (constraints.size() > 10) {
    at.Complain("must have at most 10 constraints, not {}", constraints.size());
  }
  for (size_t i = 0; i < constraints.size(); ++i) {
    if (!at[i].CheckGiven("expression", constraints[i].expression)) continue;
    if (constraints[i].expression.size() <= 2000) continue;
    at[i]["expression"].Complain("must have at most 2000 bytes, not {}",
                                 constraints[i].expression.size());
  }
}

void CheckCompatibilities(const TaskDefinition& definition, const Place& at) {
  const NetworkMode mode = definition.networkMode;
  if (Requires(definition, Compatibility::kExternal) && mode == NetworkMode::kAwsvpc) {
    at.Complain("must be bridge, host or none for EXTERNAL, not awsvpc");
  }
  if (Requires(definition, Compatibility::kManagedInstances) && mode != NetworkMode::kAwsvpc &&
      mode != NetworkMode::kHost) {
    at.Complain("must be awsvpc or host for MANAGED_INSTANCES, not {}", NameOf(mode));
  }
  if (definition.enableFaultInjection && mode != NetworkMode::kAwsvpc &&
      mode != NetworkMode::kHost) {
    at.Complain("must be awsvpc or host for enableFaultInjection, not {}", NameOf(mode));
  }
}

void CheckProxy(const TaskDefinition& definition, const ProxyConfiguration& proxy,
                const Place& at) {
  if (definition.networkMode != NetworkMode::kAwsvpc) {
    at.Complain("needs networkMode awsvpc, not {}", NameOf(definition.networkMode));
  }
  const auto& containers = definition.containerDefinitions;
  const auto is_proxy = [&](const auto& container) {
    return container.name == proxy.containerName;
  };
  if (at.CheckGiven("containerName", proxy.containerName) &&
      std::none_of(containers.begin(), containers.end(), is_proxy)) {
    at["containerName"].Complain("no container is named {}", QuoteJson(proxy.containerName));
  }
  std::set<std::string_view> given;
  for (const KeyValuePair& property : proxy.properties) {
    if (!property.value.empty()) given.insert(property.name);
  }
  for (const std::string_view name : {"AppPorts", "ProxyIngressPort", "ProxyEgressPort"}) {
    if (!given.contains(name)) at["properties"].Complain("must have {}", name);
  }
  if (!given.contains("IgnoredUID") && !given.contains("IgnoredGID")) {
    at["properties"].Complain("must have IgnoredUID or IgnoredGID");
  }
}

void CheckAccelerators(const std::vector<InferenceAccelerator>& accelerators, const Place& at) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < accelerators.size(); ++i) {
    at[i].CheckGiven("deviceType", accelerators[i].deviceType);
    if (!at[i].CheckGiven("deviceName", accelerators[i].deviceName)) continue;
    if (!names.insert(accelerators[i].deviceName).second) {
      at[i]["deviceName"].Complain("is given twice");
    }
  }
}

}  // namespace

void CheckTask(const TaskDefinition& definition, const Place& at) {
  if (at.CheckGiven("family", definition.family)) at["family"].CheckName(definition.family);
  CheckContainers(definition, at);
  CheckRoles(definition, at);
  CheckCompatibilities(definition, at["networkMode"]);
  CheckPlacement(definition.placementConstraints, at["placementConstraints"]);
  CheckAccelerators(definition.inferenceAccelerators, at["inferenceAccelerators"]);
  if (definition.proxyConfiguration) {
    CheckProxy(definition, *definition.proxyConfiguration, at["proxyConfiguration"]);
  }
  if (definition.ephemeralStorage) {
    at["ephemeralStorage"]["sizeInGiB"].CheckRange(definition.ephemeralStorage->sizeInGiB, 21, 200);
  }
  if (definition.revision) at["revision"].CheckLeast(*definition.revision, 1);
}

}  // namespace berth::ecs
