#include "agent/cli/task_json.h"

#include <nlohmann/json.hpp>

namespace berth::agent::cli {
namespace {

std::string Arn(std::string_view kind, std::string_view rest) {
  return fmt::format("arn:aws:ecs:local:000000000000:{}/{}", kind, rest);
}

std::string TaskArn(const TaskView& task) { return Arn("task", "berth/" + task.record.id); }

void AddTime(Json& object, const char* name, const std::optional<WallTime>& time) {
  if (time) object[name] = FormatTime(*time);
}

Json NetworkBinding(const PortRecord& port) {
  Json binding = {{"bindIP", "0.0.0.0"}};
  if (port.count == 1) {
    binding["containerPort"] = port.container_port;
    binding["hostPort"] = port.host_port;
  } else {
    binding["containerPortRange"] = RowText(port.container_port, port.count);
    binding["hostPortRange"] = RowText(port.host_port, port.count);
  }
  binding["protocol"] = net::Name(port.protocol);
  return binding;
}

Json NetworkInterface(const AddressRecord& address) {
  Json interface = {{"attachmentId", address.attachment_id}};
  for (const net::IpAddress& reachable : address.Reachable()) {
    interface[reachable.IsIpv4() ? "privateIpv4Address" : "ipv6Address"] = reachable.Format();
  }
  return interface;
}

// As ECS shows the elastic network interface of a task in awsvpc mode.
Json Attachment(const AddressRecord& address) {
  const auto detail = [](const char* name, const std::string& value) -> Json {
    return {{"name", name}, {"value", value}};
  };
  Json details =
      Json::array({detail("subnetId", address.subnet_id),
                   detail("macAddress", net::MacAddress::Derive(address.attachment_id).Format())});
  for (const net::IpAddress& reachable : address.Reachable()) {
    details.push_back(
        detail(reachable.IsIpv4() ? "privateIPv4Address" : "ipv6Address", reachable.Format()));
  }
  return {{"id", address.attachment_id},
          {"type", "ElasticNetworkInterface"},
          {"status", "ATTACHED"},
          {"details", std::move(details)}};
}

Json DescribeContainer(const TaskView& task, const ContainerView& container) {
  Json described = {{"containerArn",
                     Arn("container", fmt::format("berth/{}/{}", task.record.id, container.name))},
                    {"taskArn", TaskArn(task)},
                    {"name", container.name},
                    {"image", container.image},
                    {"essential", container.essential},
                    {"lastStatus", Name(container.status)},
                    {"healthStatus", Name(container.health.value_or(shim::Health::kUnknown))},
                    {"networkBindings", NetworkBindings(container)},
                    {"networkInterfaces", Json::array()},
                    {"restartCount", container.restart_count}};
  for (const AddressRecord& address : container.addresses) {
    described["networkInterfaces"].push_back(NetworkInterface(address));
  }
  if (container.pid) described["pid"] = *container.pid;
  const bool stopped = container.status == shim::Status::kStopped;
  if (container.exit_code && stopped) described["exitCode"] = *container.exit_code;
  if (!container.reason.empty()) described["reason"] = container.reason;
  AddTime(described, "startedAt", container.started);
  if (stopped) AddTime(described, "stoppedAt", container.stopped);
  return described;
}

}  // namespace

Json NetworkBindings(const ContainerView& container) {
  Json bindings = Json::array();
  for (const PortRecord& port : container.ports) bindings.push_back(NetworkBinding(port));
  return bindings;
}

Json DescribeTask(const TaskView& task) {
  const bool stopped = task.status == shim::Status::kStopped;
  Json described = {
      {"taskArn", TaskArn(task)},
      {"clusterArn", Arn("cluster", "berth")},
      {"taskDefinitionArn", Arn("task-definition", task.DefinitionName())},
      {"name", task.record.name},
      {"group", "family:" + task.family},
      {"launchType", "EXTERNAL"},
      {"lastStatus", Name(task.status)},
      {"desiredStatus", Name(stopped ? shim::Status::kStopped : shim::Status::kRunning)},
      {"healthStatus", Name(task.Health().value_or(shim::Health::kUnknown))},
      {"cpu", std::to_string(task.record.cpu)},
      {"memory", std::to_string(task.record.memory)},
      {"createdAt", FormatTime(task.record.created)}};
  AddTime(described, "startedAt", task.started);
  if (stopped) {
    AddTime(described, "stoppedAt", task.stopped);
    described["stopCode"] = task.stop_code;
    described["stoppedReason"] = task.stopped_reason;
  }
  described["attachments"] = Json::array();
  if (task.network_mode == "awsvpc" && !task.containers.empty()) {
    for (const AddressRecord& address : task.containers.front().addresses) {
      described["attachments"].push_back(Attachment(address));
    }
  }
  described["containers"] = Json::array();
  for (const ContainerView& container : task.containers) {
    described["containers"].push_back(DescribeContainer(task, container));
  }
  return described;
}

}  // namespace berth::agent::cli
