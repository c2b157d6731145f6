#include "net/firewall/group_chains.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"
#include "net/firewall/drops.h"
#include "net/firewall/midstream.h"
#include "net/firewall/table_names.h"

namespace berth::net {
namespace {

enum class Direction { kIngress, kEgress };

std::string Suffix(Direction direction) {
  return direction == Direction::kIngress ? ".ingress" : ".egress";
}

void AddMemberSets(NftBatch& batch, const std::string& group_id) {
  batch.AddSet({.name = MemberSet(group_id, IpFamily::kIpv4), .key = {kNftIpv4}})
      .AddSet({.name = MemberSet(group_id, IpFamily::kIpv6), .key = {kNftIpv6}});
}

std::string Ids(const std::vector<SecurityGroup>& groups) {
  std::vector<std::string> ids;
  for (const SecurityGroup& group : groups) ids.push_back(group.id);
  return Join(ids, ",");
}

std::string ChainOfAll(const std::vector<SecurityGroup>& groups, Direction direction) {
  return fmt::format("groups_{:016x}{}", HashName(Ids(groups)), Suffix(direction));
}

std::string NetworkPort(uint16_t port) { return RawBytes(htons(port)); }

// Says the family in any case: all of one family's addresses are none of the other's.
void MatchPeer(NftRule& rule, const Rule& wanted, Direction direction, IpFamily family) {
  const NftField field =
      direction == Direction::kIngress ? SourceOf(family) : DestinationOf(family);
  rule.Only(family);
  if (const auto* group = std::get_if<GroupReference>(&wanted.peer)) {
    rule.Load(field).InSet(MemberSet(group->groupId, family));
  } else if (const auto* block = std::get_if<Ipv4Cidr>(&wanted.peer)) {
    if (block->prefix() > 0) rule.Load(field).InBlock(*block);
  } else if (const auto& block6 = std::get<Ipv6Cidr>(wanted.peer); block6.prefix() > 0) {
    rule.Load(field).InBlock(block6);
  }
}

void MatchProtocol(NftRule& rule, const Rule& wanted) {
  if (!wanted.protocol) return;
  rule.Load(NftField::kProtocol).Is(RawBytes(*wanted.protocol));
  if (wanted.ports && wanted.ports->first == wanted.ports->last) {
    rule.Load(NftField::kDestinationPort).Is(NetworkPort(wanted.ports->first));
  } else if (wanted.ports) {
    rule.Load(NftField::kDestinationPort)
        .InRange(NetworkPort(wanted.ports->first), NetworkPort(wanted.ports->last));
  }
  if (!wanted.icmp) return;
  const auto byte = [](int value) { return RawBytes(static_cast<uint8_t>(value)); };
  if (wanted.icmp->type >= 0) rule.Load(NftField::kIcmpType).Is(byte(wanted.icmp->type));
  if (wanted.icmp->code >= 0) rule.Load(NftField::kIcmpCode).Is(byte(wanted.icmp->code));
}

void WriteRules(NftBatch& batch, const std::string& chain, const std::vector<Rule>& rules,
                Direction direction) {
  batch.AddChain(chain).FlushChain(chain);
  const auto write = [&](const Rule& wanted, IpFamily family) {
    NftRule rule(chain);
    MatchPeer(rule, wanted, direction, family);
    MatchProtocol(rule, wanted);
    if (direction == Direction::kIngress) {
      rule.Accept();
    } else {
      // Leaving is half the way where the destination is on this host as well.
      rule.Goto(kAdmittedChain);
    }
    batch.AddRule(rule);
  };
  for (const Rule& wanted : rules) {
    if (const auto* group = std::get_if<GroupReference>(&wanted.peer)) {
      AddMemberSets(batch, group->groupId);
    }
    if (IsAboutIpv4(wanted)) write(wanted, IpFamily::kIpv4);
    if (IsAboutIpv6(wanted)) write(wanted, IpFamily::kIpv6);
  }
}

void WriteChainOfAll(NftBatch& batch, const std::vector<SecurityGroup>& groups,
                     Direction direction) {
  const std::string chain = ChainOfAll(groups, direction);
  batch.AddChain(chain, Ids(groups)).FlushChain(chain);
  // What leaves has been looked at before (stages.cpp).
  if (direction == Direction::kIngress) DropMidstream(batch, chain);
  for (const SecurityGroup& group : groups) {
    batch.AddRule(NftRule(chain).Jump(group.id + Suffix(direction)));
  }
  DropCounted(batch, chain, direction == Direction::kIngress);
}

}  // namespace

void WriteGroupRules(NftBatch& batch, const SecurityGroup& group) {
  AddMemberSets(batch, group.id);
  WriteRules(batch, group.id + Suffix(Direction::kIngress), group.ingress, Direction::kIngress);
  WriteRules(batch, group.id + Suffix(Direction::kEgress), group.egress, Direction::kEgress);
}

std::set<std::string> RuleChains(const std::string& group_id) {
  return {group_id + Suffix(Direction::kIngress), group_id + Suffix(Direction::kEgress)};
}

std::vector<ChainPart> GroupParts(const std::vector<SecurityGroup>& groups) {
  std::vector<ChainPart> parts;
  for (const SecurityGroup& group : groups) {
    NftBatch rules;
    WriteGroupRules(rules, group);
    parts.push_back({.name = group.id, .messages = rules.messages()});
  }
  NftBatch all;
  WriteChainOfAll(all, groups, Direction::kIngress);
  WriteChainOfAll(all, groups, Direction::kEgress);
  parts.push_back({.name = IngressChain(groups), .messages = all.messages()});
  return parts;
}

std::string IngressChain(const std::vector<SecurityGroup>& groups) {
  return ChainOfAll(groups, Direction::kIngress);
}
std::string EgressChain(const std::vector<SecurityGroup>& groups) {
  return ChainOfAll(groups, Direction::kEgress);
}
std::string MemberSet(const std::string& group_id, IpFamily family) {
  return group_id + (family == IpFamily::kIpv4 ? ".members" : ".members6");
}

}  // namespace berth::net
