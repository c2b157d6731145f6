#include "scheduler/model/instance_view.h"

#include "base/text.h"

namespace berth::scheduler {
namespace {

const ecs::api::Resource* FindResource(const std::vector<ecs::api::Resource>& resources,
                                       std::string_view name) {
  for (const ecs::api::Resource& resource : resources) {
    if (resource.name == name) return &resource;
  }
  return nullptr;
}

std::set<uint16_t> PortsOf(const std::vector<ecs::api::Resource>& resources,
                           std::string_view name) {
  std::set<uint16_t> ports;
  const ecs::api::Resource* resource = FindResource(resources, name);
  if (resource == nullptr) return ports;
  for (const std::string& text : resource->stringSetValue) {
    if (const auto port = ParseInteger<uint16_t>(text)) ports.insert(*port);
  }
  return ports;
}

placement::Resources NeedsOf(const TaskRecord& task) {
  placement::Resources needs = {.cpu = task.cpu, .memory = task.memory};
  for (const int64_t port : task.tcp_ports) needs.tcp_ports.insert(static_cast<uint16_t>(port));
  for (const int64_t port : task.udp_ports) needs.udp_ports.insert(static_cast<uint16_t>(port));
  return needs;
}

}  // namespace

int64_t AmountOf(const std::vector<ecs::api::Resource>& resources, std::string_view name) {
  const ecs::api::Resource* resource = FindResource(resources, name);
  if (resource == nullptr) return 0;
  if (resource->type == "LONG") return resource->longValue;
  if (resource->type == "DOUBLE") return static_cast<int64_t>(resource->doubleValue);
  return resource->integerValue;
}

void Describe(const InstanceRecord& record, placement::Instance& view) {
  const ecs::api::ContainerInstance& instance = record.instance;
  view.arn = instance.containerInstanceArn;
  view.id = record.id;
  view.ec2_instance_id = instance.ec2InstanceId.value_or("");
  view.agent_version = instance.versionInfo.agentVersion.value_or("");
  view.active = instance.status == "ACTIVE";
  view.registered = instance.registeredAt.value_or(WallTime());
  view.attributes = {};
  for (const ecs::api::Attribute& attribute : instance.attributes) {
    view.attributes[attribute.name] = attribute.value;
  }
  view.left = {.cpu = AmountOf(instance.registeredResources, "CPU"),
               .memory = AmountOf(instance.registeredResources, "MEMORY"),
               .tcp_ports = PortsOf(instance.registeredResources, "PORTS"),
               .udp_ports = PortsOf(instance.registeredResources, "PORTS_UDP")};
  view.running_tasks = 0;
  view.pending_tasks = 0;
  view.tasks_by_group = {};
}

void Occupy(placement::Instance& view, const TaskRecord& task) {
  if (task.task.lastStatus == "STOPPED") return;
  placement::Take(view, NeedsOf(task), task.task.group.value_or(""));
  ++(task.task.lastStatus == "RUNNING" ? view.running_tasks : view.pending_tasks);
}

void Vacate(placement::Instance& view, const TaskRecord& task) {
  if (task.task.lastStatus == "STOPPED") return;
  placement::GiveBack(view, NeedsOf(task), task.task.group.value_or(""));
  --(task.task.lastStatus == "RUNNING" ? view.running_tasks : view.pending_tasks);
}

}  // namespace berth::scheduler
