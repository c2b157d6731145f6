#include <algorithm>
#include <set>

#include "scheduler/api/operations.h"
#include "scheduler/api/tag_rules.h"

namespace berth::scheduler {
namespace {

constexpr size_t kMostTags = 50;

// What carries tags, found by its ARN: reads them, and puts others in their place.
struct Tagged {
  std::vector<ecs::Tag> tags;
  std::function<void(std::vector<ecs::Tag>)> put;
};

Answer<Tagged> FindCluster(const Call& call, std::string_view name) {
  const ClusterRecord* record = call.world().clusters().Find(name);
  if (record == nullptr || record->cluster.status != "ACTIVE") {
    return ecs::Refuse("ClusterNotFoundException", "Cluster not found.");
  }
  return Tagged{record->cluster.tags, [&call, record = *record](auto tags) mutable {
                  record.cluster.tags = std::move(tags);
                  call.world().PutCluster(std::move(record));
                }};
}

Answer<Tagged> FindInstance(const Call& call, std::string_view key) {
  const InstanceRecord* record = call.world().instances().Find(key);
  if (record == nullptr) {
    return ecs::InvalidParameter("The specified container instance could not be found.");
  }
  API_TRY(call.MaySpeakFor(*record));
  return Tagged{record->instance.tags, [&call, record = *record](auto tags) mutable {
                  record.instance.tags = std::move(tags);
                  call.world().PutInstance(std::move(record));
                }};
}

Answer<Tagged> FindTask(const Call& call, std::string_view key) {
  const TaskRecord* record = call.world().tasks().Find(key);
  if (record == nullptr) {
    return ecs::InvalidParameter("The specified task could not be found.");
  }
  return Tagged{record->task.tags, [&call, record = *record](auto tags) mutable {
                  record.task.tags = std::move(tags);
                  call.world().PutTask(std::move(record));
                }};
}

Answer<Tagged> FindRegistered(const Call& call, std::string_view resource) {
  for (const auto& [key, record] : call.world().task_definitions().all()) {
    if (!record.registered.taskDefinitionArn.ends_with(resource)) continue;
    if (EcsResource(record.registered.taskDefinitionArn) != resource) continue;
    return Tagged{record.tags, [&call, record = record](auto tags) mutable {
                    record.tags = std::move(tags);
                    call.world().PutTaskDefinition(std::move(record));
                  }};
  }
  return ecs::InvalidParameter("The specified task definition could not be found.");
}

Answer<Tagged> Find(const Call& call, const std::string& arn) {
  const auto resource = EcsResource(arn);
  if (!resource) return ecs::InvalidParameter("\"{}\" is no ARN of Amazon ECS", arn);
  // Policies are asked about the ARN as it is given: it has to be the resource's own.
  if (arn != call.arns().Resource(*resource)) {
    return ecs::InvalidParameter("{} is of another account or region", arn);
  }
  API_TRY(call.May(arn));
  const size_t slash = std::min(resource->find('/'), resource->size());
  const std::string_view kind = resource->substr(0, slash);
  const std::string_view rest = slash < resource->size() ? resource->substr(slash + 1) : "";
  if (kind == "cluster") return FindCluster(call, rest);
  if (kind == "container-instance") return FindInstance(call, rest);
  if (kind == "task") return FindTask(call, rest);
  if (kind == "task-definition") return FindRegistered(call, *resource);
  return ecs::InvalidParameter("resources of type {} have no tags here", kind);
}

}  // namespace

ecs::ApiResult<void> CheckTags(const std::vector<ecs::Tag>& tags) {
  if (tags.size() > kMostTags) {
    return ecs::InvalidParameter("a resource can have at most {} tags, not {}", kMostTags,
                                 tags.size());
  }
  std::set<std::string_view> keys;
  for (const ecs::Tag& tag : tags) {
    if (tag.key.empty() || tag.key.size() > 128) {
      return ecs::InvalidParameter("a tag's key must have 1 to 128 characters, not {}",
                                   tag.key.size());
    }
    if (tag.value.size() > 256) {
      return ecs::InvalidParameter("the value of tag {} must have at most 256 characters, not {}",
                                   tag.key, tag.value.size());
    }
    if (tag.key.starts_with("aws:")) {
      return ecs::InvalidParameter("tag {}: keys that start with aws: are AWS's own", tag.key);
    }
    if (!keys.insert(tag.key).second) {
      return ecs::InvalidParameter("Duplicate tag keys found: {}", tag.key);
    }
  }
  return {};
}

std::vector<ecs::Tag> WithTags(std::vector<ecs::Tag> tags, const std::vector<ecs::Tag>& more) {
  for (const ecs::Tag& tag : more) {
    std::erase_if(tags, [&](const ecs::Tag& own) { return own.key == tag.key; });
    tags.push_back(tag);
  }
  return tags;
}

Answer<api::Empty> TagResource(const Call& call, const api::TagResourceRequest& request) {
  const Tagged tagged = API_TRY(Find(call, request.resourceArn));
  API_TRY(CheckTags(request.tags));
  std::vector<ecs::Tag> tags = WithTags(tagged.tags, request.tags);
  if (tags.size() > kMostTags) {
    return ecs::InvalidParameter("a resource can have at most {} tags, not {}", kMostTags,
                                 tags.size());
  }
  tagged.put(std::move(tags));
  return api::Empty{};
}

Answer<api::Empty> UntagResource(const Call& call, const api::UntagResourceRequest& request) {
  Tagged tagged = API_TRY(Find(call, request.resourceArn));
  std::erase_if(tagged.tags, [&](const ecs::Tag& tag) {
    const auto& keys = request.tagKeys;
    return std::find(keys.begin(), keys.end(), tag.key) != keys.end();
  });
  tagged.put(std::move(tagged.tags));
  return api::Empty{};
}

Answer<api::ListTagsForResourceResponse> ListTagsForResource(
    const Call& call, const api::ListTagsForResourceRequest& request) {
  return api::ListTagsForResourceResponse{API_TRY(Find(call, request.resourceArn)).tags};
}

}  // namespace berth::scheduler
