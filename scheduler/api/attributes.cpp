#include <algorithm>
#include <set>

#include "scheduler/api/instance_shown.h"
#include "scheduler/api/operations.h"
#include "scheduler/api/page.h"

namespace berth::scheduler {
namespace {

constexpr size_t kMostCustomAttributes = 10;  // a resource: the API reference

bool IsCustom(const api::Attribute& attribute) {
  return !attribute.name.starts_with("ecs.") && !attribute.name.starts_with("com.amazonaws.");
}

Answer<void> CheckAttribute(const api::Attribute& attribute) {
  if (!attribute.targetId || attribute.targetId->empty()) {
    return ecs::InvalidParameter("attribute {}: targetId must name a container instance",
                                 attribute.name);
  }
  const auto allowed = [](char c) {
    return ::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("-_./\\").find(c) != std::string_view::npos;
  };
  if (attribute.name.empty() || attribute.name.size() > 128 ||
      !std::all_of(attribute.name.begin(), attribute.name.end(), allowed)) {
    return ecs::InvalidParameter(
        "attribute names must have 1 to 128 letters, digits and - _ . / \\, not \"{}\"",
        attribute.name);
  }
  if (attribute.value && attribute.value->size() > 128) {
    return ecs::InvalidParameter("attribute {}: its value must have at most 128 characters",
                                 attribute.name);
  }
  return {};
}

Answer<InstanceRecord> FindTarget(const Call& call, const ClusterRecord& cluster,
                                  const api::Attribute& attribute) {
  const InstanceRecord* found =
      FindInstance(call.world(), cluster.cluster.clusterName, *attribute.targetId);
  if (found == nullptr) {
    return ecs::Refuse("TargetNotFoundException", "Could not find the target: {}",
                       *attribute.targetId);
  }
  API_TRY(call.May(found->instance.containerInstanceArn, cluster.cluster.clusterArn));
  return *found;
}

api::Attribute Shown(api::Attribute attribute, const InstanceRecord& target) {
  attribute.targetId = target.instance.containerInstanceArn;
  attribute.targetType = api::TargetType::kContainerInstance;
  return attribute;
}

}  // namespace

Answer<api::AttributesResponse> PutAttributes(const Call& call,
                                              const api::AttributesRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  if (request.attributes.empty() || request.attributes.size() > kMostCustomAttributes) {
    return ecs::InvalidParameter("attributes must hold 1 to {} attributes", kMostCustomAttributes);
  }
  // All are looked at before any is changed.
  std::map<std::string, InstanceRecord> targets;
  api::AttributesResponse response;
  for (const api::Attribute& attribute : request.attributes) {
    API_TRY(CheckAttribute(attribute));
    const InstanceRecord found = API_TRY(FindTarget(call, *cluster, attribute));
    InstanceRecord& target = targets.try_emplace(found.id, found).first->second;
    auto& own = target.instance.attributes;
    std::erase_if(own, [&](const auto& each) { return each.name == attribute.name; });
    own.push_back({.name = attribute.name, .value = attribute.value});
    const auto custom = std::count_if(own.begin(), own.end(), IsCustom);
    if (static_cast<size_t>(custom) > kMostCustomAttributes) {
      return ecs::Refuse("AttributeLimitExceededException",
                         "a container instance can have at most {} attributes of your own",
                         kMostCustomAttributes);
    }
    response.attributes.push_back(Shown(attribute, target));
  }
  for (auto& [id, target] : targets) call.world().PutInstance(std::move(target));
  return response;
}

Answer<api::AttributesResponse> DeleteAttributes(const Call& call,
                                                 const api::AttributesRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  api::AttributesResponse response;
  std::map<std::string, InstanceRecord> targets;
  for (const api::Attribute& attribute : request.attributes) {
    API_TRY(CheckAttribute(attribute));
    const InstanceRecord found = API_TRY(FindTarget(call, *cluster, attribute));
    InstanceRecord& target = targets.try_emplace(found.id, found).first->second;
    const size_t gone = std::erase_if(target.instance.attributes, [&](const auto& own) {
      return own.name == attribute.name && (!attribute.value || own.value == attribute.value);
    });
    if (gone > 0) response.attributes.push_back(Shown(attribute, target));
  }
  for (auto& [id, target] : targets) call.world().PutInstance(std::move(target));
  return response;
}

Answer<api::ListAttributesResponse> ListAttributes(const Call& call,
                                                   const api::ListAttributesRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May(cluster->cluster.clusterArn));
  if (request.attributeValue && !request.attributeName) {
    return ecs::InvalidParameter("attributeValue needs an attributeName");
  }
  std::map<std::string, api::Attribute> found;  // by what pages are cut by
  const auto [first, end] =
      call.world().instances().StartingWith(cluster->cluster.clusterName + "/");
  for (auto each = first; each != end; ++each) {
    for (const api::Attribute& attribute : each->second.instance.attributes) {
      if (request.attributeName && attribute.name != *request.attributeName) continue;
      if (request.attributeValue && attribute.value != *request.attributeValue) continue;
      found.emplace(each->second.id + " " + attribute.name, Shown(attribute, each->second));
    }
  }
  std::vector<std::string> keys;
  for (const auto& [key, attribute] : found) keys.push_back(key);
  Page page = API_TRY(CutPage(
      std::move(keys), {.max_results = request.maxResults, .next_token = request.nextToken}));
  api::ListAttributesResponse response = {.nextToken = std::move(page.next_token)};
  for (const std::string& key : page.items) response.attributes.push_back(found.at(key));
  return response;
}

}  // namespace berth::scheduler
