#include "agent/groups/group_changes.h"

#include <algorithm>

#include "agent/groups/group_book.h"
#include "agent/network/group_rules.h"
#include "base/text.h"
#include "net/firewall/host_services.h"
#include "net/firewall/host_table.h"
#include "net/firewall/judge.h"

namespace berth::agent {
namespace {

Result<HostGroup> FindOwn(const GroupSite& site, std::string_view name) {
  HostGroup found = TRY(GroupBook(site.config, site.state).Find(name));
  if (found.origin == GroupOrigin::kOperator) return found;
  const std::string where =
      found.origin == GroupOrigin::kConfiguration
          ? fmt::format(
                "it is of this host's configuration ({}) or built in: change it there, or "
                "make another with berth sg create",
                site.paths.config)
          : "it is the scheduler's, which sends it with each task: change it there";
  return MakeError("security group {} can't be changed here: {}", found.group.GroupId, where);
}

Result<void> Store(const GroupSite& site, const ecs::SecurityGroup& group) {
  return site.state.PutGroup({.id = group.GroupId,
                              .origin = GroupOrigin::kOperator,
                              .document = ecs::DumpSecurityGroup(group)});
}

Result<net::GroupsAtWork> ReadGroupsAtWork(const GroupSite& site) {
  net::GroupsAtWork at_work;
  for (const HostGroup& group : TRY(GroupBook(site.config, site.state).All())) {
    net::SecurityGroup rules = TRY(ToNetGroup(group.group, site.config.prefixLists));
    at_work.groups.emplace(group.group.GroupId, std::move(rules));
  }
  for (const Membership& membership : TRY(site.state.Memberships())) {
    auto& members = at_work.members[membership.group_id];
    for (const AddressRecord& record : TRY(site.state.Addresses(membership.task_id))) {
      for (const net::IpAddress& address : record.Reachable()) members.insert(address);
    }
  }
  return at_work;
}

// The peers that a group's rules name.
bool Names(const ecs::SecurityGroup& group, std::string_view id) {
  const auto named = [&](const std::vector<ecs::IpPermission>& permissions) {
    return std::any_of(permissions.begin(), permissions.end(), [&](const auto& permission) {
      const auto& pairs = permission.UserIdGroupPairs;
      return std::any_of(pairs.begin(), pairs.end(),
                         [&](const auto& pair) { return pair.GroupId == id; });
    });
  };
  return named(group.IpPermissions) || named(group.IpPermissionsEgress);
}

Result<void> CheckUnused(const GroupSite& site, const std::string& id) {
  std::vector<std::string> users;
  for (const Membership& membership : TRY(site.state.Memberships())) {
    if (membership.group_id == id) users.push_back("task " + membership.task_name);
  }
  for (const HostGroup& other : TRY(GroupBook(site.config, site.state).All())) {
    const std::string& other_id = other.group.GroupId;
    if (other_id != id && Names(other.group, id)) users.push_back("a rule of " + other_id);
  }
  if (users.empty()) return {};
  return MakeError("DependencyViolation: security group {} is in use by {}", id, Join(users, ", "));
}

}  // namespace

Result<size_t> ChangeGroup(const GroupSite& site, const GroupEdit& edit) {
  net::HostTable firewall = TRY(net::HostTable::Lock(site.paths.NetLock()));
  net::GroupsAtWork at_work;
  std::string id;
  TRY(site.state.Atomically([&]() -> Result<void> {
    HostGroup found = TRY(FindOwn(site, edit.group));
    TRY(edit.edit(found.group));
    const net::SecurityGroup rules = TRY(ToNetGroup(found.group, site.config.prefixLists));
    TRY(Store(site, found.group));
    TRY(firewall.ChangeRules(rules));
    id = found.group.GroupId;
    if (edit.flows == Flows::kCut) at_work = TRY(ReadGroupsAtWork(site));
    return {};
  }));
  if (edit.flows == Flows::kLive) return 0;
  return firewall
      .ForgetFlowsIf([&](const net::TrackedFlow& flow) {
        // No rule has a say over the ways to them.
        if (net::IsHostService(flow.reply.source)) return false;
        return net::AreRefusing(at_work, {id}, net::FirstPacketOf(flow));
      })
      .Context("the rules are changed; cut flows");
}

Result<void> CreateGroup(const GroupSite& site, const ecs::SecurityGroup& group) {
  TRY(ToNetGroup(group, site.config.prefixLists));
  return site.state.Atomically([&]() -> Result<void> {
    for (const HostGroup& other : TRY(GroupBook(site.config, site.state).All())) {
      const bool same_id = other.group.GroupId == group.GroupId;
      if (!same_id && other.group.GroupName != group.GroupName) continue;
      return MakeError("InvalidGroup.Duplicate: there is a security group {} already ({}, of {})",
                       same_id ? group.GroupId : group.GroupName, other.group.GroupId,
                       Name(other.origin));
    }
    return Store(site, group);
  });
}

Result<void> DeleteGroup(const GroupSite& site, std::string_view group) {
  return site.state.Atomically([&]() -> Result<void> {
    const HostGroup found = TRY(FindOwn(site, group));
    TRY(CheckUnused(site, found.group.GroupId));
    return site.state.DeleteGroup(found.group.GroupId);
  });
}

}  // namespace berth::agent
