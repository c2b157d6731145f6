#include "net/examine.h"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "net/firewall/group_chains.h"
#include "net/firewall/host_layout.h"
#include "net/links/link_facts.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

using Complaints = std::vector<std::string>;

Result<void> ExamineTaskEnd(const Attachment& attachment, const Netns& task, Complaints& missing) {
  const std::string& name = attachment.interfaceName;
  NetlinkSocket socket = TRY(task.Run([] { return NetlinkSocket::Open(NETLINK_ROUTE); }));
  const auto link = TRY(ReadLinkFacts(socket, name));
  if (!link) {
    missing.push_back(fmt::format("the container has no interface {}", name));
    return {};
  }
  if (!link->up) missing.push_back(fmt::format("{} is down", name));
  if (link->mac != attachment.mac) {
    missing.push_back(fmt::format("{} has the MAC {}, not {}", name, link->mac.Format(),
                                  attachment.mac.Format()));
  }
  if (!link->HasAddress(attachment.address)) {
    missing.push_back(fmt::format("{} has no address {}", name, attachment.address.Format()));
  }
  const Ipv4 gateway = attachment.subnet.gateway;
  for (const Ipv4Cidr& block : attachment.routes) {
    if (link->HasRoute(block, gateway)) continue;
    missing.push_back(
        fmt::format("{} has no route to {} by {}", name, block.Format(), gateway.Format()));
  }
  if (!link->HasNeighbour(gateway)) {
    missing.push_back(fmt::format("{} has no permanent neighbour {}", name, gateway.Format()));
  }
  return {};
}

Result<void> ExamineHostEnd(const Attachment& attachment, Complaints& missing) {
  const std::string name = HostInterfaceName(attachment.id);
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const auto link = TRY(ReadLinkFacts(socket, name));
  if (!link) {
    missing.push_back(fmt::format("the host has no interface {}", name));
    return {};
  }
  const std::string address = attachment.address.Format();
  const Ipv4Cidr alone = TRY(Ipv4Cidr::Parse(address + "/32"));
  if (!link->up) missing.push_back(fmt::format("{} is down", name));
  if (!link->HasAddress(attachment.subnet.gateway)) {
    missing.push_back(
        fmt::format("{} has no address {}", name, attachment.subnet.gateway.Format()));
  }
  if (!link->HasRoute(alone, std::nullopt)) {
    missing.push_back(fmt::format("the host has no route to {} by {}", address, name));
  }
  if (!link->HasNeighbour(attachment.address)) {
    missing.push_back(fmt::format("{} has no permanent neighbour {}", name, address));
  }
  return {};
}

/// The sets and maps that an attachment has something in.
std::vector<std::string> SetsOf(const Attachment& attachment) {
  std::vector<std::string> sets = {kPins, kIngress, kEgress};
  if (attachment.subnet.masquerade == Masquerade::kOutsideHost) sets.push_back(kMasqueraded);
  if (attachment.groups.empty()) sets.push_back(kBridge);
  for (const SecurityGroup& group : attachment.groups) sets.push_back(MemberSet(group.id));
  if (!attachment.ports.empty()) sets.push_back(kHairpin);
  return sets;
}

/// The keys of the elements that the attachment has in a set. Nothing if there is no such set.
Result<std::set<std::string>> KeysIn(NetlinkSocket& socket, const std::string& set,
                                     const std::string& id) {
  std::set<std::string> keys;
  auto elements = ListNftElements(socket, set);
  if (!elements && elements.error().Is(ENOENT)) return keys;
  for (const NftElement& element : TRY(std::move(elements))) {
    if (element.comment == id) keys.insert(element.key);
  }
  return keys;
}

Result<void> ExamineFirewall(const Attachment& attachment, Complaints& missing) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  if (!TRY(FindNftTable(socket))) {
    missing.push_back(fmt::format("the firewall has no table inet {}", kBerthTable));
    return {};
  }
  for (const std::string& set : SetsOf(attachment)) {
    if (!TRY(KeysIn(socket, set, attachment.id)).empty()) continue;
    missing.push_back(fmt::format("the firewall's set {} does not have it", set));
  }
  if (attachment.ports.empty()) return {};
  const std::set<std::string> ports = TRY(KeysIn(socket, kPorts, attachment.id));
  for (const PublishedPort& port : attachment.ports) {
    const std::string key =
        NftConcat({RawBytes(static_cast<uint8_t>(port.protocol)), RawBytes(htons(port.hostPort))});
    if (ports.contains(key)) continue;
    missing.push_back(
        fmt::format("host port {}/{} is not published", port.hostPort, Name(port.protocol)));
  }
  return {};
}

Result<void> ExamineForwarding(Complaints& missing) {
  if (Trim(TRY(ReadFile("/proc/sys/net/ipv4/ip_forward"))) == "0") {
    missing.push_back("net.ipv4.ip_forward is off");
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> FindMissing(const Attachment& attachment, const Netns& task) {
  Complaints missing;
  TRY(ExamineTaskEnd(attachment, task, missing));
  TRY(ExamineHostEnd(attachment, missing));
  TRY(ExamineForwarding(missing));
  TRY(ExamineFirewall(attachment, missing));
  return missing;
}

}  // namespace berth::net
