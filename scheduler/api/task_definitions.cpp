#include <algorithm>
#include <set>

#include "base/text.h"
#include "ecs/compatibilities.h"
#include "ecs/required_attributes.h"
#include "scheduler/api/find_definition.h"
#include "scheduler/api/operations.h"
#include "scheduler/api/page.h"
#include "scheduler/api/tag_rules.h"

namespace berth::scheduler {
namespace {

bool WantsTags(const std::vector<std::string>& include) {
  return std::find(include.begin(), include.end(), "TAGS") != include.end();
}

std::vector<api::Attribute> Attributes(const std::vector<std::string>& names) {
  std::vector<api::Attribute> attributes;
  for (const std::string& name : names) attributes.push_back({.name = name});
  return attributes;
}

}  // namespace

Answer<const TaskDefinitionRecord*> FindDefinition(const Call& call, std::string_view name) {
  const auto resource = EcsResource(name);
  constexpr std::string_view kKind = "task-definition/";
  if (resource && !resource->starts_with(kKind)) {
    return ecs::InvalidParameter("{} is no task definition", name);
  }
  const std::string_view short_name = resource ? resource->substr(kKind.size()) : name;
  const size_t colon = short_name.rfind(':');
  const auto& all = call.world().task_definitions();
  if (colon != std::string_view::npos) {
    const auto revision = ParseInteger<int64_t>(short_name.substr(colon + 1));
    if (!revision || *revision < 1) {
      return ecs::ClientError("Invalid revision number. Number: {}", short_name.substr(colon + 1));
    }
    const auto* found = all.Find(World::DefinitionKey(short_name.substr(0, colon), *revision));
    if (found == nullptr) return ecs::ClientError("Unable to describe task definition.");
    return found;
  }
  // The last one that is ACTIVE.
  const TaskDefinitionRecord* last = nullptr;
  const auto [first, end] = all.StartingWith(std::string(short_name) + ":");
  for (auto each = first; each != end; ++each) {
    if (each->second.registered.status == api::TaskDefinitionStatus::kActive) last = &each->second;
  }
  if (last == nullptr) return ecs::ClientError("Unable to describe task definition.");
  return last;
}

Answer<api::TaskDefinitionResponse> RegisterTaskDefinition(const Call& call,
                                                           ecs::TaskDefinition definition) {
  World& world = call.world();
  const FamilyRecord* family = world.families().Find(definition.family);
  const int64_t revision = (family == nullptr ? 0 : family->last_revision) + 1;
  const std::string arn = call.arns().TaskDefinition(definition.family, revision);
  API_TRY(call.May(arn));
  for (const auto& role : {definition.taskRoleArn, definition.executionRoleArn}) {
    if (role) API_TRY(call.MayPassRole(*role));
  }
  API_TRY(CheckTags(definition.tags));
  TaskDefinitionRecord record = {.tags = std::move(definition.tags)};
  definition.tags.clear();
  definition.revision = revision;
  record.registered = {.taskDefinitionArn = arn,
                       .requiresAttributes = Attributes(ecs::RequiredAttributes(definition)),
                       .compatibilities = ecs::Compatibilities(definition),
                       .registeredAt = call.now(),
                       .registeredBy = call.caller().arn};
  record.registered.definition = std::move(definition);
  world.PutFamily({.family = record.registered.definition.family, .last_revision = revision});
  const TaskDefinitionRecord& stored = world.PutTaskDefinition(std::move(record));
  return api::TaskDefinitionResponse{stored.registered, stored.tags};
}

Answer<api::TaskDefinitionResponse> DescribeTaskDefinition(
    const Call& call, const api::DescribeTaskDefinitionRequest& request) {
  API_TRY(call.May("*"));
  const TaskDefinitionRecord* record = API_TRY(FindDefinition(call, request.taskDefinition));
  api::TaskDefinitionResponse response = {.taskDefinition = record->registered};
  if (WantsTags(request.include)) response.tags = record->tags;
  return response;
}

Answer<api::TaskDefinitionResponse> DeregisterTaskDefinition(
    const Call& call, const api::DeregisterTaskDefinitionRequest& request) {
  API_TRY(call.May("*"));
  if (LastPart(request.taskDefinition).find(':') == std::string_view::npos) {
    return ecs::ClientError("Revision is missing.");
  }
  TaskDefinitionRecord record = *API_TRY(FindDefinition(call, request.taskDefinition));
  if (record.registered.status == api::TaskDefinitionStatus::kActive) {
    record.registered.status = api::TaskDefinitionStatus::kInactive;
    record.registered.deregisteredAt = call.now();
  }
  return api::TaskDefinitionResponse{
      .taskDefinition = call.world().PutTaskDefinition(std::move(record)).registered};
}

Answer<api::DeleteTaskDefinitionsResponse> DeleteTaskDefinitions(
    const Call& call, const api::DeleteTaskDefinitionsRequest& request) {
  API_TRY(call.May("*"));
  if (request.taskDefinitions.empty() || request.taskDefinitions.size() > 10) {
    return ecs::InvalidParameter("taskDefinitions must name 1 to 10 task definitions, not {}",
                                 request.taskDefinitions.size());
  }
  api::DeleteTaskDefinitionsResponse response;
  for (const std::string& name : request.taskDefinitions) {
    const auto found = FindDefinition(call, name);
    if (!found) {
      response.failures.push_back({.arn = name, .reason = "MISSING"});
      continue;
    }
    TaskDefinitionRecord record = **found;
    if (record.registered.status == api::TaskDefinitionStatus::kActive) {
      response.failures.push_back(
          {.arn = name,
           .reason = "The specified task definition is still in ACTIVE status. Please "
                     "deregister the target and try again."});
      continue;
    }
    // Tasks need it until they have stopped: to be sent to their agents, and for their roles. It is
    // removed after that (server/housekeeping.h).
    record.registered.status = api::TaskDefinitionStatus::kDeleteInProgress;
    response.taskDefinitions.push_back(
        call.world().PutTaskDefinition(std::move(record)).registered);
  }
  return response;
}

Answer<api::ListTaskDefinitionsResponse> ListTaskDefinitions(
    const Call& call, const api::ListTaskDefinitionsRequest& request) {
  API_TRY(call.May("*"));
  const auto status = request.status.value_or(api::TaskDefinitionStatus::kActive);
  // Paged by the key, in which revisions sort as numbers; shown as ARNs.
  std::vector<std::string> keys;
  for (const auto& [key, record] : call.world().task_definitions().all()) {
    const std::string& family = record.registered.definition.family;
    if (request.familyPrefix && family != *request.familyPrefix) continue;
    if (record.registered.status == status) keys.push_back(key);
  }
  const auto order =
      request.sort == api::SortOrder::kDesc ? PageOrder::kDescending : PageOrder::kAscending;
  Page page =
      API_TRY(CutPage(std::move(keys),
                      {.max_results = request.maxResults, .next_token = request.nextToken}, order));
  api::ListTaskDefinitionsResponse response = {.nextToken = std::move(page.next_token)};
  for (const std::string& key : page.items) {
    response.taskDefinitionArns.push_back(
        call.world().task_definitions().Find(key)->registered.taskDefinitionArn);
  }
  return response;
}

Answer<api::ListTaskDefinitionFamiliesResponse> ListTaskDefinitionFamilies(
    const Call& call, const api::ListTaskDefinitionFamiliesRequest& request) {
  API_TRY(call.May("*"));
  using Status = api::TaskDefinitionFamilyStatus;
  const Status status = request.status.value_or(Status::kAll);
  std::set<std::string> all, active;
  for (const auto& [key, record] : call.world().task_definitions().all()) {
    const std::string& family = record.registered.definition.family;
    if (request.familyPrefix && !family.starts_with(*request.familyPrefix)) continue;
    all.insert(family);
    if (record.registered.status == api::TaskDefinitionStatus::kActive) active.insert(family);
  }
  std::vector<std::string> families;
  for (const std::string& family : all) {
    const bool is_active = active.contains(family);
    if (status == Status::kAll || (status == Status::kActive) == is_active) {
      families.push_back(family);
    }
  }
  Page page = API_TRY(CutPage(
      std::move(families), {.max_results = request.maxResults, .next_token = request.nextToken}));
  return api::ListTaskDefinitionFamiliesResponse{std::move(page.items), std::move(page.next_token)};
}

}  // namespace berth::scheduler
