#include "net/cni/config_groups.h"

#include <nlohmann/json.hpp>

#include "agent/network/group_rules.h"
#include "ecs/security_group.h"
#include "net/cni/config.h"
#include "net/name.h"

namespace berth::net::cni {
namespace {

Result<std::string> Renamed(const std::string& group_id) {
  std::string id = FirewallGroupId(group_id);
  if (!IsName(id)) {
    return MakeError("group {}: an id is up to 60 letters, digits and hyphens",
                     QuoteJson(group_id));
  }
  return id;
}

Result<void> RenamePeers(std::vector<Rule>& rules) {
  for (Rule& rule : rules) {
    auto* group = std::get_if<GroupReference>(&rule.peer);
    if (group != nullptr) group->groupId = TRY(Renamed(group->groupId));
  }
  return {};
}

void Describe(const Rule& rule, std::string& text) {
  text += fmt::format("{}/", rule.protocol ? *rule.protocol : -1);
  if (rule.ports) text += fmt::format("{}-{}/", rule.ports->first, rule.ports->last);
  if (rule.icmp) text += fmt::format("{}:{}/", rule.icmp->type, rule.icmp->code);
  if (const auto* group = std::get_if<GroupReference>(&rule.peer)) text += group->groupId + ";";
  if (const auto* block = std::get_if<Ipv4Cidr>(&rule.peer)) text += block->Format() + ";";
  if (const auto* block = std::get_if<Ipv6Cidr>(&rule.peer)) text += block->Format() + ";";
}

}  // namespace

std::string FirewallGroupId(const std::string& group_id) {
  return std::string(kCniIdPrefix) + group_id;
}

Result<std::vector<SecurityGroup>> ReadGroups(const Json& list, const Json& prefix_lists) {
  std::vector<ecs::ManagedPrefixList> lists;
  if (!prefix_lists.is_null()) {
    lists = TRY(ecs::ParsePrefixLists(DumpJson(prefix_lists)).Context("prefixLists"));
  }
  std::vector<SecurityGroup> groups;
  if (list.is_null()) return groups;
  if (!list.is_array()) return MakeError("securityGroups: must be a list of groups");
  if (list.size() > kMostGroups) {
    return MakeError("securityGroups: must have at most {}, not {}", kMostGroups, list.size());
  }
  for (const ecs::SecurityGroup& group :
       TRY(ecs::ParseSecurityGroups(DumpJson(list)).Context("securityGroups"))) {
    SecurityGroup& made =
        groups.emplace_back(TRY(agent::ToNetGroup(group, lists).Context("securityGroups")));
    made.id = TRY(Renamed(made.id).Context("securityGroups"));
    TRY(RenamePeers(made.ingress).Context("securityGroups: {}", group.GroupId));
    TRY(RenamePeers(made.egress).Context("securityGroups: {}", group.GroupId));
  }
  return groups;
}

std::string Digest(const SecurityGroup& group) {
  std::string text;
  for (const Rule& rule : group.ingress) Describe(rule, text);
  text += "|";
  for (const Rule& rule : group.egress) Describe(rule, text);
  return fmt::format("{:016x}", HashName(text));
}

}  // namespace berth::net::cni
