#include "agent/groups/group_book.h"

#include <algorithm>
#include <map>

#include "agent/network/group_rules.h"
#include "base/text.h"

namespace berth::agent {
namespace {

Result<ecs::SecurityGroup> ReadDocument(const GroupRecord& record) {
  auto groups = TRY(ecs::ParseSecurityGroups(record.document).Context("the agent's database"));
  return std::move(groups.front());
}

std::string Ids(const std::vector<HostGroup>& groups) {
  std::vector<std::string> ids;
  for (const HostGroup& group : groups) ids.push_back(group.group.GroupId);
  return Join(ids, ", ");
}

Result<HostGroup> Pick(std::vector<HostGroup> all, std::string_view id) {
  for (HostGroup& group : all) {
    if (group.group.GroupId == id) return std::move(group);
  }
  return MakeError(
      "InvalidGroup.NotFound: security group {} is not known on this host; there are: {}", id,
      Ids(all));
}

}  // namespace

Result<std::vector<HostGroup>> GroupBook::All() const {
  std::map<std::string, HostGroup> groups;
  const auto add = [&](GroupOrigin origin, ecs::SecurityGroup group) {
    const std::string id = group.GroupId;
    groups.try_emplace(id, HostGroup{.origin = origin, .group = std::move(group)});
  };
  const std::vector<GroupRecord> records = TRY(state_.Groups());
  const auto add_records = [&](GroupOrigin origin) -> Result<void> {
    for (const GroupRecord& record : records) {
      if (record.origin == origin) add(origin, TRY(ReadDocument(record)));
    }
    return {};
  };
  TRY(add_records(GroupOrigin::kScheduler));
  for (const ecs::SecurityGroup& group : config_.securityGroups) {
    add(GroupOrigin::kConfiguration, group);
  }
  add(GroupOrigin::kConfiguration, ecs::DefaultSecurityGroup());
  TRY(add_records(GroupOrigin::kOperator));
  std::vector<HostGroup> all;
  for (auto& [id, group] : groups) all.push_back(std::move(group));
  return all;
}

Result<HostGroup> GroupBook::Find(std::string_view id_or_name) const {
  std::vector<HostGroup> all = TRY(All());
  std::vector<HostGroup> named;
  for (HostGroup& group : all) {
    if (group.group.GroupId == id_or_name) return std::move(group);
    if (group.group.GroupName == id_or_name) named.push_back(group);
  }
  if (named.size() == 1) return std::move(named.front());
  if (named.empty()) return Pick(std::move(all), id_or_name);
  return MakeError("several security groups are called {}: {}; give the id", id_or_name,
                   Ids(named));
}

Result<net::SecurityGroup> GroupBook::Rules(std::string_view id) const {
  const HostGroup group = TRY(Pick(TRY(All()), id));
  return ToNetGroup(group.group, config_.prefixLists);
}

}  // namespace berth::agent
