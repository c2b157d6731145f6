#include "agent/endpoints/introspection.h"

#include <nlohmann/json.hpp>

#include "agent/endpoints/answers.h"
#include "agent/endpoints/metadata_json.h"

namespace berth::agent::endpoints {
namespace {

constexpr const char* kLicense =
    "Berth is licensed under the Apache License, Version 2.0.\n"
    "You may obtain a copy of it at http://www.apache.org/licenses/LICENSE-2.0\n";

/// What the control plane calls it.
std::string_view WireName(LifeStatus status) {
  switch (status) {
    case LifeStatus::kRunning:
    case LifeStatus::kResourcesProvisioned:
      return "RUNNING";
    case LifeStatus::kStopped:
      return "STOPPED";
    default:
      return "PENDING";
  }
}

Json ShowContainer(const EndpointTask& task, const EndpointContainer& container) {
  Json shown = {{"DockerId", container.docker_id},
                {"DockerName", container.docker_name},
                {"Name", container.name},
                {"Image", container.image},
                {"ImageID", container.image_id}};
  if (container.created_at) shown["CreatedAt"] = FormatTime(*container.created_at);
  if (container.started_at) shown["StartedAt"] = FormatTime(*container.started_at);
  AddList(shown, "Ports", DescribePorts(task, container, HostIps::kShown));
  AddList(shown, "Networks", DescribeNetworks(task, container, MetadataVersion::kV3));
  AddList(shown, "Volumes", DescribeVolumes(container));
  if (container.restart_count) shown["RestartCount"] = *container.restart_count;
  return shown;
}

Json ShowTask(const EndpointTask& task) {
  const std::string_view known = WireName(task.known);
  const std::string_view desired = WireName(task.desired);
  Json shown = {{"Arn", task.arn}};
  // Nobody wants what has been passed already.
  const bool passed =
      (known == "STOPPED" && desired != "STOPPED") || (known == "RUNNING" && desired == "PENDING");
  if (!passed) shown["DesiredStatus"] = desired;
  shown["KnownStatus"] = known;
  shown["Family"] = task.family;
  shown["Version"] = task.revision;
  shown["Containers"] = Json::array();
  for (const EndpointContainer& container : task.containers) {
    if (container.known < LifeStatus::kCreated) continue;
    shown["Containers"].push_back(ShowContainer(task, container));
  }
  return shown;
}

http::Response ShowMetadata(const TaskCatalog& catalog) {
  const AgentInfo agent = catalog.Agent();
  const std::string& arn = agent.container_instance_arn;
  return JsonAnswer(200, {{"Cluster", agent.cluster},
                          {"ContainerInstanceArn", arn.empty() ? Json() : Json(arn)},
                          {"Version", agent.version}});
}

bool HasContainer(const EndpointTask& task, const std::string& id_start) {
  for (const EndpointContainer& container : task.containers) {
    if (!id_start.empty() && container.docker_id.starts_with(id_start)) return true;
  }
  return false;
}

http::Response ShowTasks(const TaskCatalog& catalog, std::string_view query) {
  for (const auto& [name, value] : http::ParseForm(query)) {
    if (name != "taskarn" && name != "dockerid") continue;
    for (const TaskPointer& task : catalog.Tasks()) {
      const bool meant = name == "taskarn" ? task->arn == value : HasContainer(*task, value);
      if (meant) return JsonAnswer(200, ShowTask(*task));
    }
    return JsonAnswer(404, Json::object());
  }
  Json tasks = Json::array();
  for (const TaskPointer& task : catalog.Tasks()) tasks.push_back(ShowTask(*task));
  return JsonAnswer(200, {{"Tasks", tasks}});
}

}  // namespace

http::Response AnswerIntrospection(const TaskCatalog& catalog, const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return MethodNotAllowed();
  const std::string_view path = request.Path();
  if (path == "/v1/metadata") return ShowMetadata(catalog);
  if (path == "/v1/tasks") return ShowTasks(catalog, request.Query());
  if (path == "/license") {
    return {.headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = kLicense};
  }
  return JsonAnswer(200, {{"AvailableCommands", {"/v1/metadata", "/v1/tasks", "/license"}}});
}

}  // namespace berth::agent::endpoints
