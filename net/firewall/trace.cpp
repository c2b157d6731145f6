#include "net/firewall/trace.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "net/attachment.h"
#include "net/firewall/table_names.h"
#include "net/links/host_links.h"
#include "net/nft/batch.h"
#include "net/nft/program.h"

namespace berth::net {
namespace {

/// Data of a map of ports: the address, and the port where the next register begins.
std::optional<std::pair<IpAddress, uint16_t>> EndpointIn(std::string_view data, IpFamily family) {
  const size_t size = family == IpFamily::kIpv4 ? 4 : 16;
  if (data.size() < size + 2) return std::nullopt;
  const uint16_t port = ntohs(FromBytes<uint16_t>(data.substr(size)));
  if (family == IpFamily::kIpv4) {
    return std::pair(IpAddress(Ipv4(ntohl(FromBytes<uint32_t>(data)))), port);
  }
  Ipv6::Bytes16 bytes{};
  std::copy_n(data.begin(), bytes.size(), bytes.begin());
  return std::pair(IpAddress(Ipv6(bytes)), port);
}

/// What an address is to the host (RTN_*): its own, or reached by a route.
Result<uint8_t> KindOf(const IpAddress& address) {
  NetlinkSocket links = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  Attributes destination;
  destination.Bytes(RTA_DST, address.Bytes());
  const bool ipv4 = address.IsIpv4();
  const rtmsg header = {.rtm_family = static_cast<uint8_t>(ipv4 ? AF_INET : AF_INET6),
                        .rtm_dst_len = static_cast<uint8_t>(ipv4 ? 32 : 128)};
  uint8_t kind = RTN_UNREACHABLE;
  const auto asked = links.Ask(
      {.what = "find a route", .type = RTM_GETROUTE, .body = NetlinkBody(header, destination)},
      [&](std::string_view body) { kind = FromBytes<rtmsg>(body).rtm_type; });
  if (!asked && !asked.error().Is(ENETUNREACH)) return Error(asked.error());
  return kind;
}

bool IsTask(const NftProgram& program, const IpAddress& address) {
  return !program.ChainFor(SetsOf(address.family()).ingress, address.Bytes()).empty();
}

std::vector<std::string> GroupsOf(const NftProgram& program, const std::string& chain) {
  std::vector<std::string> groups;
  for (const std::string& to : program.JumpsOf(chain)) groups.push_back(to.substr(0, to.find('.')));
  return groups;
}

/// What a step in a chain of groups means; "" for a step on the way.
std::string Meaning(const NftProgram& program, const NftStep& step, bool last, bool accepted) {
  const size_t dot = step.chain.find('.');
  const bool egress = step.chain.ends_with(".egress") || step.chain == kBridgeEgressChain;
  const char* where = egress ? "out" : "in";
  if (step.chain == kBridgeIngressChain) {
    return accepted ? "bridge mode lets it in"
                    : "bridge mode lets in other tasks of bridge mode, the host and what comes by "
                      "published ports, and nobody else";
  }
  if (step.chain == kBridgeEgressChain) return "bridge mode lets everything out";
  if (dot == std::string::npos) return "";
  if (step.chain.starts_with("groups_")) {
    // Its last rule drops; the ones before lead to each group in turn.
    return last && !accepted ? fmt::format("no rule of {} lets it {}",
                                           Join(GroupsOf(program, step.chain), ", "), where)
                             : "";
  }
  return fmt::format("{} {}[{}] lets it {}: {}", step.chain.substr(0, dot),
                     egress ? "egress" : "ingress", step.rule, where,
                     step.says.empty() ? "everything" : step.says);
}

std::vector<std::string> Reasons(const NftProgram& program, const NftDecision& decision) {
  std::vector<std::string> reasons;
  const bool accepted = decision.end == NftDecision::End::kAccepted;
  for (size_t i = 0; i < decision.steps.size(); ++i) {
    const bool last = i + 1 == decision.steps.size();
    std::string meaning = Meaning(program, decision.steps[i], last, accepted);
    if (meaning.empty() && last && decision.end == NftDecision::End::kRefused) {
      meaning = "instance metadata and link-local addresses are refused to every task";
    } else if (meaning.empty() && last && !accepted) {
      meaning = fmt::format("the firewall drops it: chain {}", decision.steps[i].chain);
    }
    if (!meaning.empty()) reasons.push_back(std::move(meaning));
  }
  if (reasons.empty()) reasons.push_back("the firewall of tasks has no say in it");
  return reasons;
}

/// Where a published port leads.
struct PortEnd {
  std::pair<IpAddress, uint16_t> end;
  bool guarded = false;
};
/// In the order of the rules.
std::optional<PortEnd> PublishedEnd(const NftProgram& program, const NftPacket& packet) {
  const IpFamily family = packet.ipv6 ? IpFamily::kIpv6 : IpFamily::kIpv4;
  const std::string protocol = RawBytes(packet.protocol), port = RawBytes(htons(packet.port));
  const std::string at_one = NftConcat({packet.destination, protocol, port});
  const std::string at_all = NftConcat({protocol, port});
  const FamilySets& names = SetsOf(family);
  const auto look = [&](const char* map, const std::string& key, bool guarded) {
    const auto end = EndpointIn(program.Find(map, key), family);
    return end ? std::optional(PortEnd{.end = *end, .guarded = guarded}) : std::nullopt;
  };
  if (const auto way = look(names.portsAt, at_one, false)) return way;
  if (const auto way = look(names.ports, at_all, false)) return way;
  if (const auto way = look(names.guardedAt, at_one, true)) return way;
  return look(names.guarded, at_all, true);
}

}  // namespace

Result<TraceAnswer> TraceFlow(const TraceQuestion& question) {
  const IpFamily family = question.source.family();
  if (question.destination.family() != family) {
    return MakeError("{} and {} are of different families: no flow has one of each",
                     question.source.Format(), question.destination.Format());
  }
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  const NftProgram program = TRY(NftProgram::Read(socket));
  TraceAnswer answer;
  if (program.empty()) {
    answer.reasons = {"there is no table inet berth: no task with a network of its own runs here"};
    return answer;
  }
  const uint8_t source_type = TRY(KindOf(question.source));
  const uint8_t destination_type = TRY(KindOf(question.destination));
  NftPacket packet = {.ipv6 = family == IpFamily::kIpv6,
                      .protocol = question.protocol,
                      .source = question.source.Bytes(),
                      .destination = question.destination.Bytes(),
                      .port = question.port,
                      .source_type = source_type,
                      .destination_type = destination_type};
  IpAddress destination = question.destination;
  bool guarded = false;
  const bool link_local =
      destination.IsIpv4() && Ipv4Cidr::LinkLocal().Contains(destination.ipv4());
  if (packet.destination_type == RTN_LOCAL && !link_local) {
    if (const auto way = PublishedEnd(program, packet)) {
      std::tie(destination, packet.port) = way->end;
      packet.destination = destination.Bytes();
      packet.destination_type = RTN_UNICAST;
      packet.redirected = true;
      answer.redirected_to = destination;
      answer.redirected_port = packet.port;
      guarded = way->guarded && question.from.empty() && source_type != RTN_LOCAL;
    }
  }
  if (!question.from.empty()) {
    packet.interface_in = HostInterfaceName(question.from);
    packet.group_in = kLinkGroup;
  }
  if (IsTask(program, destination)) packet.group_out = kLinkGroup;
  const bool from_host = question.from.empty() && packet.source_type == RTN_LOCAL;
  const char* chain = from_host                              ? "output"
                      : packet.destination_type == RTN_LOCAL ? "input"
                                                             : "forward";
  const NftDecision decision = TRY(program.Decide(chain, packet));
  answer.end = static_cast<TraceAnswer::End>(decision.end);
  for (const NftStep& step : decision.steps) {
    answer.steps.push_back({.chain = step.chain, .rule = step.rule, .says = step.says});
  }
  answer.reasons = Reasons(program, decision);
  if (guarded) {
    answer.reasons.push_back(
        "the host's own input rules, not looked at here, must let it in first");
  }
  return answer;
}

Result<std::vector<std::string>> GroupsInForce(const IpAddress& address) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  const NftProgram program = TRY(NftProgram::Read(socket));
  const std::string chain = program.ChainFor(SetsOf(address.family()).ingress, address.Bytes());
  if (chain.empty() || chain == kBridgeIngressChain) return std::vector<std::string>();
  return GroupsOf(program, chain);
}

}  // namespace berth::net
