#include "net/firewall/group_chains.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"
#include "net/firewall/drops.h"
#include "net/firewall/host_layout.h"

namespace berth::net {
namespace {

enum class Direction { kIngress, kEgress };

std::string Suffix(Direction direction) {
  return direction == Direction::kIngress ? ".ingress" : ".egress";
}

NftSet MembersOf(const std::string& group_id) {
  return {.name = MemberSet(group_id), .key = {kNftIpv4}};
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

void MatchPeer(NftRule& rule, const Rule& wanted, Direction direction) {
  const NftField field =
      direction == Direction::kIngress ? NftField::kSource : NftField::kDestination;
  if (const auto* group = std::get_if<GroupReference>(&wanted.peer)) {
    rule.Ipv4Only().Load(field).InSet(MemberSet(group->groupId));
  } else if (const Ipv4Cidr block = std::get<Ipv4Cidr>(wanted.peer); block.prefix() > 0) {
    rule.Ipv4Only().Load(field).InBlock(block);
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
  for (const Rule& wanted : rules) {
    if (const auto* group = std::get_if<GroupReference>(&wanted.peer)) {
      batch.AddSet(MembersOf(group->groupId));
    }
    NftRule rule(chain);
    MatchPeer(rule, wanted, direction);
    MatchProtocol(rule, wanted);
    if (direction == Direction::kIngress) {
      rule.Accept();
    } else {
      // Leaving is half the way where the destination is on this host as well.
      rule.Goto(kAdmittedChain);
    }
    batch.AddRule(rule);
  }
}

void WriteChainOfAll(NftBatch& batch, const std::vector<SecurityGroup>& groups,
                     Direction direction) {
  const std::string chain = ChainOfAll(groups, direction);
  batch.AddChain(chain, Ids(groups)).FlushChain(chain);
  for (const SecurityGroup& group : groups) {
    batch.AddRule(NftRule(chain).Jump(group.id + Suffix(direction)));
  }
  DropCounted(batch, chain, direction == Direction::kIngress);
}

}  // namespace

void WriteGroups(NftBatch& batch, const std::vector<SecurityGroup>& groups) {
  for (const SecurityGroup& group : groups) {
    batch.AddSet(MembersOf(group.id));
    WriteRules(batch, group.id + Suffix(Direction::kIngress), group.ingress, Direction::kIngress);
    WriteRules(batch, group.id + Suffix(Direction::kEgress), group.egress, Direction::kEgress);
  }
  WriteChainOfAll(batch, groups, Direction::kIngress);
  WriteChainOfAll(batch, groups, Direction::kEgress);
}

std::string IngressChain(const std::vector<SecurityGroup>& groups) {
  return ChainOfAll(groups, Direction::kIngress);
}
std::string EgressChain(const std::vector<SecurityGroup>& groups) {
  return ChainOfAll(groups, Direction::kEgress);
}
std::string MemberSet(const std::string& group_id) { return group_id + ".members"; }

}  // namespace berth::net
