#include "agent/endpoints/metadata.h"

#include <array>
#include <nlohmann/json.hpp>

#include "agent/endpoints/answers.h"
#include "agent/endpoints/asker.h"
#include "agent/endpoints/metadata_json.h"
#include "agent/endpoints/tagged_task.h"
#include "agent/stats/docker_stats.h"

namespace berth::agent::endpoints {
namespace {

using Parts = std::vector<std::string>;

/// What is asked of a container or its task, in version 3 or 4.
struct Question {
  const MetadataSources& sources;
  const http::Request& request;
  const Parts& path;  // "v4", id, ...
  MetadataVersion version;
  const http::Respond& respond;

  const std::string& id() const { return path[1]; }
  /// "V4 task metadata handler: ..."
  std::string Prefixed(std::string_view handler, std::string_view text) const {
    return fmt::format("{} {} handler: {}", version == MetadataVersion::kV4 ? "V4" : "V3", handler,
                       text);
  }
  /// The statuses of version 4; in 3 every error is a 400.
  void Fail(int status, std::string_view text) const {
    respond(ErrorText(version == MetadataVersion::kV4 ? status : 400, text));
  }
};

std::optional<FoundContainer> Find(const Question& question) {
  const TaskCatalog& catalog = question.sources.catalog;
  auto found = catalog.FindByEndpointId(question.id());
  if (!found) return std::nullopt;
  const Asker asker = Asker::Of(catalog, question.request.peer_address);
  return asker.MaySee(*found->task) ? std::move(found) : std::nullopt;
}

/// The container, or says to `respond` that the id is of none, as a handler for tasks does.
std::optional<FoundContainer> FindForTask(const Question& question, std::string_view handler) {
  auto found = Find(question);
  if (!found) {
    question.Fail(404,
                  question.Prefixed(handler,
                                    "unable to get task arn from request: unable to get task Arn "
                                    "from v3 endpoint ID: " +
                                        question.id()));
  }
  return found;
}

std::optional<FoundContainer> FindForContainer(const Question& question, std::string_view handler) {
  auto found = Find(question);
  if (!found) {
    question.Fail(404, question.Prefixed(handler,
                                         "unable to get container ID from request: unable to get "
                                         "docker ID from v3 endpoint ID: " +
                                             question.id()));
  }
  return found;
}

void AnswerContainer(const Question& question) {
  const auto found = FindForContainer(question, "container metadata");
  if (!found) return;
  const EndpointContainer& container = found->container();
  if (container.networks.empty()) {
    question.Fail(500, fmt::format("Unable to generate network response for container '{}'",
                                   container.docker_id));
    return;
  }
  question.respond(JsonAnswer(200, DescribeContainer(*found->task, container, question.version)));
}

void AnswerTask(const Question& question) {
  const auto found = FindForTask(question, "task metadata");
  if (!found) return;
  question.respond(JsonAnswer(
      200, DescribeTask(*found->task, question.sources.catalog.Agent(), question.version)));
}

void AnswerTaskWithTags(const Question& question) {
  const auto found = FindForTask(question, "task metadata");
  if (!found) return;
  DescribeTaskWithTags(
      *found->task, question.sources.catalog.Agent(), question.version, question.sources.calls,
      [respond = question.respond](const Json& task) { respond(JsonAnswer(200, task)); });
}

Json StatsOf(const MetadataSources& sources, const EndpointContainer& container,
             MetadataVersion version) {
  const stats::UsageHistory* history = sources.usage.Find(container.docker_id);
  if (history == nullptr) return nullptr;
  return stats::DockerStats(
      *history,
      {.docker_id = container.docker_id,
       .docker_name = container.docker_name,
       .details = sources.usage.ReadDetails(container.docker_id)},
      version == MetadataVersion::kV4 ? stats::RateStats::kShown : stats::RateStats::kLeftOut);
}

Json StatsOfAll(const MetadataSources& sources, const EndpointTask& task, MetadataVersion version) {
  Json all = Json::object();
  for (const EndpointContainer& container : task.containers) {
    if (container.known < LifeStatus::kCreated) continue;
    all[container.docker_id] = StatsOf(sources, container, version);
  }
  return all;
}

void AnswerContainerStats(const Question& question) {
  const auto found = FindForTask(question, "container stats");
  if (!found) return;
  const Json stats = StatsOf(question.sources, found->container(), question.version);
  if (stats.is_null()) {
    question.Fail(500, "Unable to get container stats for: " + found->container().docker_id);
    return;
  }
  question.respond(JsonAnswer(200, stats));
}

void AnswerTaskStats(const Question& question) {
  const auto found = FindForTask(question, "task stats");
  if (!found) return;
  question.respond(JsonAnswer(200, StatsOfAll(question.sources, *found->task, question.version)));
}

/// The names of a type's associations, or the content of one.
void AnswerAssociations(const Question& question) {
  const auto found = FindForContainer(question, "container associations");
  if (!found) return;
  const std::string& type = question.path[3];
  const std::string& container = found->container().name;
  Json names;
  for (const EndpointAssociation& association : found->task->associations) {
    const auto& of = association.containers;
    if (association.type == type && std::find(of.begin(), of.end(), container) != of.end()) {
      names.push_back(association.name);
    }
  }
  question.respond(JsonAnswer(200, {{"Associations", names}}));
}

void AnswerAssociation(const Question& question) {
  const auto found = FindForTask(question, "container associations");
  if (!found) return;
  const std::string &type = question.path[3], &name = question.path[4];
  for (const EndpointAssociation& association : found->task->associations) {
    if (association.type != type || association.name != name) continue;
    // Given as it came: whoever made it says what is in it.
    return question.respond({.status = 200,
                             .headers = {{"Content-Type", "application/json"}},
                             .body = association.value});
  }
  question.respond(ErrorText(
      400, fmt::format("Unable to write container association response: unable to get association "
                       "from association type {} and association name {}",
                       type, name)));
}

/// What follows the id in a path of version 3 or 4, "*" being anything.
struct Route {
  std::vector<std::string_view> rest;
  void (*answer)(const Question&);

  bool Matches(const Parts& path) const {
    if (path.size() != rest.size() + 2) return false;
    for (size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] != "*" && rest[i] != path[i + 2]) return false;
    }
    return true;
  }
};

void AnswerById(const Question& question) {
  static const std::array kRoutes = {
      Route{{}, AnswerContainer},
      Route{{"task"}, AnswerTask},
      Route{{"taskWithTags"}, AnswerTaskWithTags},
      Route{{"stats"}, AnswerContainerStats},
      Route{{"task", "stats"}, AnswerTaskStats},
      Route{{"associations", "*"}, AnswerAssociations},
      Route{{"associations", "*", "*"}, AnswerAssociation},
  };
  if (question.path.size() >= 2 && !question.path[1].empty()) {
    for (const Route& route : kRoutes) {
      if (route.Matches(question.path)) return route.answer(question);
    }
  }
  question.respond(PathNotFound());
}

// -- version 2: the task is known by its address --------------------------------------------------

/// By its id, which is given whole.
const EndpointContainer* FindContainer(const EndpointTask& task, const std::string& docker_id) {
  for (const EndpointContainer& container : task.containers) {
    if (container.docker_id == docker_id) return &container;
  }
  return nullptr;
}

http::Response AnswerV2Container(const MetadataSources& sources, const EndpointTask& task,
                                 const Parts& path) {
  const std::string& id = path[2];
  const EndpointContainer* container = FindContainer(task, id);
  const bool stats = path[1] == "stats";
  Json answer;
  if (container != nullptr) {
    answer = stats ? StatsOf(sources, *container, MetadataVersion::kV2)
                   : DescribeContainer(task, *container, MetadataVersion::kV2);
  }
  if (!answer.is_null()) return JsonAnswer(200, answer);
  return ErrorText(400, stats ? "Unable to get container stats for: " + id
                              : "Unable to generate metadata for container '" + id + "'");
}

void AnswerV2(const MetadataSources& sources, const http::Request& request, const Parts& path,
              const http::Respond& respond) {
  const std::string what = path.size() > 1 ? path[1] : "";
  const bool known = what == "metadata" || what == "stats" || what == "metadataWithTags";
  if (!known || path.size() > 3) return respond(PathNotFound());
  const TaskPointer task = Asker::Of(sources.catalog, request.peer_address).task();
  // In the other modes the address is a container's, not a task's; ECS knows none of those.
  if (!task || task->network_mode != "awsvpc") {
    return respond(ErrorText(400, fmt::format("Unable to get task arn from request: unable to "
                                              "associate '{}' with task",
                                              request.peer_address)));
  }
  const AgentInfo agent = sources.catalog.Agent();
  const bool of_container = path.size() == 3 && !path[2].empty();
  if (what == "metadataWithTags") {
    if (of_container) return respond(PathNotFound());
    return DescribeTaskWithTags(*task, agent, MetadataVersion::kV2, sources.calls,
                                [respond](const Json& json) { respond(JsonAnswer(200, json)); });
  }
  if (of_container) return respond(AnswerV2Container(sources, *task, path));
  respond(JsonAnswer(200, what == "stats" ? StatsOfAll(sources, *task, MetadataVersion::kV2)
                                          : DescribeTask(*task, agent, MetadataVersion::kV2)));
}

}  // namespace

void AnswerMetadata(const MetadataSources& sources, const http::Request& request,
                    http::Respond respond) {
  if (request.method != "GET" && request.method != "HEAD") return respond(MethodNotAllowed());
  const Parts path = PathParts(request.Path());
  if (path[0] == "v2") return AnswerV2(sources, request, path, respond);
  if (path[0] != "v3" && path[0] != "v4") return respond(PathNotFound());
  AnswerById({.sources = sources,
              .request = request,
              .path = path,
              .version = path[0] == "v4" ? MetadataVersion::kV4 : MetadataVersion::kV3,
              .respond = respond});
}

}  // namespace berth::agent::endpoints
