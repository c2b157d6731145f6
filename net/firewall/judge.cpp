#include "net/firewall/judge.h"

#include <netinet/in.h>

#include <algorithm>

namespace berth::net {
namespace {

bool HasMember(const GroupsAtWork& at_work, const std::string& group, const IpAddress& address) {
  const auto members = at_work.members.find(group);
  return members != at_work.members.end() && members->second.contains(address);
}

bool IsPeer(const Rule& rule, const IpAddress& address, const GroupsAtWork& at_work) {
  if (const auto* group = std::get_if<GroupReference>(&rule.peer)) {
    return HasMember(at_work, group->groupId, address);
  }
  if (const auto* block = std::get_if<Ipv4Cidr>(&rule.peer)) {
    return address.IsIpv4() && block->Contains(address.ipv4());
  }
  return !address.IsIpv4() && std::get<Ipv6Cidr>(rule.peer).Contains(address.ipv6());
}

bool IsOfKind(const Rule& rule, const FirstPacket& packet) {
  if (!rule.protocol) return true;
  if (*rule.protocol != packet.protocol) return false;
  if (rule.ports) {
    return rule.ports->first <= packet.destinationPort &&
           packet.destinationPort <= rule.ports->last;
  }
  if (!rule.icmp) return true;
  const auto fits = [](int wanted, int there) { return wanted < 0 || wanted == there; };
  return fits(rule.icmp->type, packet.icmp.type) && fits(rule.icmp->code, packet.icmp.code);
}

enum class Side { kSender, kReceiver };

bool IsSideRefusing(const GroupsAtWork& at_work, const std::set<std::string>& judged,
                    const FirstPacket& packet, Side side) {
  const bool sender = side == Side::kSender;
  const IpAddress& self = sender ? packet.source : packet.destination;
  const IpAddress& peer = sender ? packet.destination : packet.source;
  bool asked = false;
  bool allowed = false;
  for (const auto& [id, members] : at_work.members) {
    if (!members.contains(self)) continue;
    const auto group = at_work.groups.find(id);
    if (group == at_work.groups.end()) return false;
    asked = asked || judged.contains(id);
    const std::vector<Rule>& rules = sender ? group->second.egress : group->second.ingress;
    allowed = allowed || AnyAllows(rules, peer, packet, at_work);
  }
  return asked && !allowed;
}

}  // namespace

FirstPacket FirstPacketOf(const TrackedFlow& flow) {
  // Who answers has the address and port that the packet was redirected to.
  return {.protocol = flow.protocol,
          .source = flow.original.source,
          .destination = flow.reply.source,
          .destinationPort = flow.reply.sourcePort,
          .icmp = flow.icmp.value_or(IcmpKind())};
}

bool AnyAllows(const std::vector<Rule>& rules, const IpAddress& peer, const FirstPacket& packet,
               const GroupsAtWork& at_work) {
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return IsOfKind(rule, packet) && IsPeer(rule, peer, at_work);
  });
}

bool AreRefusing(const GroupsAtWork& at_work, const std::set<std::string>& judged,
                 const FirstPacket& packet) {
  return IsSideRefusing(at_work, judged, packet, Side::kSender) ||
         IsSideRefusing(at_work, judged, packet, Side::kReceiver);
}

}  // namespace berth::net
