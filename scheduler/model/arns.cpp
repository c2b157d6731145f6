#include "scheduler/model/arns.h"

#include "base/format.h"

namespace berth::scheduler {

std::string Arns::Cluster(std::string_view name) const {
  return fmt::format("arn:aws:ecs:{}:{}:cluster/{}", region_, account_, name);
}

std::string Arns::Instance(std::string_view cluster, std::string_view id) const {
  return fmt::format("arn:aws:ecs:{}:{}:container-instance/{}/{}", region_, account_, cluster, id);
}

std::string Arns::Task(std::string_view cluster, std::string_view id) const {
  return fmt::format("arn:aws:ecs:{}:{}:task/{}/{}", region_, account_, cluster, id);
}

std::string Arns::Container(std::string_view cluster, std::string_view task,
                            std::string_view id) const {
  return fmt::format("arn:aws:ecs:{}:{}:container/{}/{}/{}", region_, account_, cluster, task, id);
}

std::string Arns::TaskDefinition(std::string_view family, int64_t revision) const {
  return fmt::format("arn:aws:ecs:{}:{}:task-definition/{}:{}", region_, account_, family,
                     revision);
}

std::string Arns::Attachment(std::string_view id) const {
  return fmt::format("arn:aws:ecs:{}:{}:attachment/{}", region_, account_, id);
}

std::string Arns::Resource(std::string_view resource) const {
  return fmt::format("arn:aws:ecs:{}:{}:{}", region_, account_, resource);
}

std::string Arns::Role(std::string_view name) const {
  return fmt::format("arn:aws:iam::{}:role/{}", account_, name);
}

std::string Arns::User(std::string_view name) const {
  return fmt::format("arn:aws:iam::{}:user/{}", account_, name);
}

std::string_view LastPart(std::string_view arn_or_name) {
  return arn_or_name.substr(arn_or_name.find_last_of('/') + 1);
}

std::optional<std::string_view> EcsResource(std::string_view arn) {
  // arn:aws:ecs:region:account:resource
  if (!arn.starts_with("arn:")) return std::nullopt;
  size_t at = 0;
  for (int field = 0; field < 5; ++field) {
    at = arn.find(':', at);
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
    if (field == 1 && !arn.substr(at).starts_with("ecs:")) return std::nullopt;
  }
  return arn.substr(at);
}

std::optional<std::string_view> ClusterIn(std::string_view arn) {
  const auto resource = EcsResource(arn);
  if (!resource) return std::nullopt;
  const size_t first = resource->find('/');
  const size_t second = resource->find('/', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  return resource->substr(first + 1, second - first - 1);
}

}  // namespace berth::scheduler
