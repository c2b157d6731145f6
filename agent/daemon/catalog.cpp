#include "agent/daemon/catalog.h"

#include <algorithm>

#include "agent/engine/order.h"
#include "base/text.h"

namespace berth::agent {
namespace {

using endpoints::LifeStatus;

LifeStatus StatusOf(shim::Status status) {
  switch (status) {
    case shim::Status::kPending:
      return LifeStatus::kCreated;
    case shim::Status::kRunning:
      return LifeStatus::kRunning;
    case shim::Status::kStopped:
      return LifeStatus::kStopped;
  }
  return LifeStatus::kNone;
}

std::string NetworkMode(const ecs::wire::AcsTask& order) {
  const std::string mode = order.networkMode.value_or("");
  return mode.empty() ? "bridge" : mode;
}

const ecs::wire::ElasticNetworkInterface* InterfaceIn(const ecs::wire::AcsTask& order) {
  return order.elasticNetworkInterfaces.empty() ? nullptr : &order.elasticNetworkInterfaces.front();
}

endpoints::EndpointInterface ToEndpointInterface(const ecs::wire::AcsTask& order) {
  endpoints::EndpointInterface shown;
  const auto given = engine::InterfaceOf(order);
  if (!given || !*given) return shown;
  const ecs::wire::ElasticNetworkInterface& eni = *InterfaceIn(order);
  shown.index = static_cast<int>(eni.index.value_or(0));
  shown.mac = (*given)->mac;
  shown.subnet = (*given)->subnet.subnet;
  shown.dns_servers = eni.domainNameServers;
  shown.dns_search = eni.domainName;
  shown.private_dns_name = eni.privateDnsName.value_or("");
  return shown;
}

endpoints::EndpointNetwork NetworkOf(const ecs::wire::AcsTask& order,
                                     const ContainerView& container) {
  endpoints::EndpointNetwork network = {.mode = NetworkMode(order)};
  if (InterfaceIn(order) != nullptr) network.interface = 0;
  for (const AddressRecord& address : container.addresses) {
    const auto reachable = address.Reachable();
    network.addresses.insert(network.addresses.end(), reachable.begin(), reachable.end());
  }
  return network;
}

void AddLife(const ContainerView& view, endpoints::EndpointContainer& container) {
  container.known = StatusOf(view.status);
  if (view.exit_code) container.exit_code = *view.exit_code;
  container.started_at = view.started;
  container.finished_at = view.stopped;
  if (view.restart_count > 0) container.restart_count = view.restart_count;
  for (const PortRecord& port : view.ports) {
    for (size_t i = 0; i < port.count; ++i) {
      container.ports.push_back({.container_port = static_cast<uint16_t>(port.container_port + i),
                                 .protocol = std::string(net::Name(port.protocol)),
                                 .host_port = static_cast<uint16_t>(port.host_port + i),
                                 .host_ip = "0.0.0.0"});
    }
  }
  if (view.health) {
    container.health = endpoints::EndpointHealth{.status = std::string(shim::Name(*view.health)),
                                                 .since = view.started};
  }
}

endpoints::EndpointContainer ToEndpointContainer(const engine::EngineTask& task,
                                                 const ecs::wire::AcsContainer& ordered) {
  const engine::BookedTask& booked = task.state.booked;
  const ecs::wire::AcsTask& order = booked.order;
  endpoints::EndpointContainer container;
  container.docker_id = engine::RuntimeIdOf(booked.id, ordered.name);
  container.endpoint_id = engine::EndpointIdOf(booked.secret, ordered.name);
  container.name = ordered.name;
  container.docker_name = fmt::format("ecs-{}-{}-{}-{}", order.family, order.version, ordered.name,
                                      booked.id.substr(0, 20));
  container.arn = ordered.containerArn.value_or("");
  container.image = ordered.image;
  const auto digest = booked.digests.find(ordered.name);
  if (digest != booked.digests.end()) container.image_id = digest->second;
  container.labels = {{"com.amazonaws.ecs.cluster", order.taskClusterArn.value_or("")},
                      {"com.amazonaws.ecs.container-name", ordered.name},
                      {"com.amazonaws.ecs.task-arn", order.arn},
                      {"com.amazonaws.ecs.task-definition-family", order.family},
                      {"com.amazonaws.ecs.task-definition-version", order.version}};
  container.desired = booked.stop_wanted ? LifeStatus::kStopped : LifeStatus::kRunning;
  container.cpu = ordered.cpu;
  if (ordered.memory > 0) container.memory = ordered.memory;
  container.created_at = booked.created;
  container.log_driver = "json-file";
  if (!task.state.view) return container;
  for (const ContainerView& view : task.state.view->containers) {
    if (view.name != ordered.name) continue;
    AddLife(view, container);
    container.networks = {NetworkOf(order, view)};
  }
  return container;
}

LifeStatus KnownStatus(const engine::TaskState& state) {
  if (state.Stopped()) return LifeStatus::kStopped;
  return state.view ? StatusOf(state.view->status) : LifeStatus::kNone;
}

endpoints::TaskPointer Show(const engine::EngineTask& task) {
  return std::make_shared<const endpoints::EndpointTask>(ToEndpointTask(task));
}

}  // namespace

endpoints::EndpointTask ToEndpointTask(const engine::EngineTask& task) {
  const engine::BookedTask& booked = task.state.booked;
  const ecs::wire::AcsTask& order = booked.order;
  endpoints::EndpointTask shown;
  shown.arn = order.arn;
  shown.family = order.family;
  shown.revision = order.version;
  shown.network_mode = NetworkMode(order);
  shown.desired = booked.stop_wanted ? LifeStatus::kStopped : LifeStatus::kRunning;
  shown.known = KnownStatus(task.state);
  if (order.cpu > 0) shown.cpu = order.cpu;
  if (order.memory > 0) shown.memory = order.memory;
  shown.pull_started_at = booked.pull_started;
  shown.pull_stopped_at = booked.pull_stopped;
  if (task.state.Stopped() && task.state.view) {
    shown.execution_stopped_at = task.state.view->stopped;
  }
  shown.launch_type = order.launchType.value_or("");
  shown.service_name = order.serviceName.value_or("");
  shown.group = order.group.value_or("");
  shown.task_role_credentials_id = task.role_credentials.credentialsId;
  for (const ecs::wire::AcsContainer& container : order.containers) {
    shown.containers.push_back(ToEndpointContainer(task, container));
  }
  if (InterfaceIn(order) != nullptr) shown.interfaces = {ToEndpointInterface(order)};
  return shown;
}

std::vector<endpoints::TaskPointer> Catalog::Tasks() const {
  std::vector<endpoints::TaskPointer> tasks;
  for (const engine::EngineTask* task : engine_.Tasks()) tasks.push_back(Show(*task));
  return tasks;
}

std::optional<endpoints::FoundContainer> Catalog::FindByEndpointId(std::string_view id) const {
  for (const engine::EngineTask* task : engine_.Tasks()) {
    const auto& containers = task->state.booked.order.containers;
    for (size_t i = 0; i < containers.size(); ++i) {
      if (engine::EndpointIdOf(task->state.booked.secret, containers[i].name) != id) continue;
      return endpoints::FoundContainer{.task = Show(*task), .index = i};
    }
  }
  return std::nullopt;
}

endpoints::TaskPointer Catalog::FindByAddress(net::Ipv4 address) const {
  for (const engine::EngineTask* task : engine_.Tasks()) {
    // A stopped task's address may be another's by now.
    if (!task->state.view || task->state.released) continue;
    for (const ContainerView& container : task->state.view->containers) {
      for (const AddressRecord& own : container.addresses) {
        if (own.address == address) return Show(*task);
      }
    }
  }
  return nullptr;
}

std::optional<endpoints::FoundCredentials> Catalog::FindByCredentialsId(std::string_view id) const {
  if (id.empty()) return std::nullopt;
  for (const engine::EngineTask* task : engine_.Tasks()) {
    if (task->state.Stopped()) continue;
    if (task->role_credentials.credentialsId == id) {
      return endpoints::FoundCredentials{.task = Show(*task),
                                         .role = endpoints::RoleType::kTask,
                                         .credentials = task->role_credentials};
    }
    if (task->execution_role_credentials.credentialsId == id) {
      return endpoints::FoundCredentials{.task = Show(*task),
                                         .role = endpoints::RoleType::kExecution,
                                         .credentials = task->execution_role_credentials};
    }
  }
  return std::nullopt;
}

}  // namespace berth::agent
