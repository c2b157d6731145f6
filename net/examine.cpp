#include "net/examine.h"

#include "base/files.h"
#include "base/text.h"
#include "net/firewall/elements.h"
#include "net/legs.h"
#include "net/links/link_facts.h"
#include "net/nft/lookup.h"

namespace berth::net {
namespace {

using Complaints = std::vector<std::string>;

IpBlock Alone(const IpAddress& address) {
  if (address.IsIpv4()) return Ipv4Cidr::Around(address.ipv4(), 32);
  return Ipv6Cidr::Around(address.ipv6(), 128);
}

void ExamineWaysOut(const std::string& name, const LinkFacts& link, const Leg& leg,
                    Complaints& missing) {
  if (leg.gatewayPlace != Leg::GatewayPlace::kHostEnd &&
      !link.HasRoute(Alone(leg.gateway), std::nullopt)) {
    missing.push_back(fmt::format("{} has no route to {}", name, leg.gateway.Format()));
  }
  for (const IpBlock& block : leg.routes) {
    if (link.HasRoute(block, leg.gateway)) continue;
    missing.push_back(
        fmt::format("{} has no route to {} by {}", name, block.Format(), leg.gateway.Format()));
  }
}

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
  for (const Leg& leg : LegsOf(attachment)) {
    if (!link->HasAddress(leg.address)) {
      missing.push_back(fmt::format("{} has no address {}", name, leg.address.Format()));
    }
    ExamineWaysOut(name, *link, leg, missing);
    if (!link->HasNeighbour(leg.gateway)) {
      missing.push_back(
          fmt::format("{} has no permanent neighbour {}", name, leg.gateway.Format()));
    }
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
  if (!link->up) missing.push_back(fmt::format("{} is down", name));
  for (const Leg& leg : LegsOf(attachment)) {
    const std::string address = leg.address.Format();
    if (leg.gatewayPlace == Leg::GatewayPlace::kHostEnd && !link->HasAddress(leg.gateway)) {
      missing.push_back(fmt::format("{} has no address {}", name, leg.gateway.Format()));
    }
    if (!link->HasRoute(Alone(leg.address), std::nullopt)) {
      missing.push_back(fmt::format("the host has no route to {} by {}", address, name));
    }
    if (!link->HasNeighbour(leg.address)) {
      missing.push_back(fmt::format("{} has no permanent neighbour {}", name, address));
    }
  }
  return {};
}

Result<void> ExamineFirewall(const Attachment& attachment, Complaints& missing) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  if (!TRY(FindNftTable(socket))) {
    missing.push_back(fmt::format("the firewall has no table inet {}", kBerthTable));
    return {};
  }
  std::vector<NftElement> elements = PinsOf(attachment);
  for (NftElement& element : PassagesOf(attachment)) elements.push_back(std::move(element));
  for (const NftElement& element : elements) {
    if (TRY(HasNftElement(socket, element))) continue;
    missing.push_back(fmt::format("the firewall's {} lacks {}", element.set, element.shown));
  }
  return {};
}

Result<void> ExamineForwarding(const Attachment& attachment, Complaints& missing) {
  if (Trim(TRY(ReadFile("/proc/sys/net/ipv4/ip_forward"))) == "0") {
    missing.push_back("net.ipv4.ip_forward is off");
  }
  if (!attachment.ipv6Address) return {};
  if (Trim(TRY(ReadFile("/proc/sys/net/ipv6/conf/all/forwarding"))) == "0") {
    missing.push_back("net.ipv6.conf.all.forwarding is off");
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> FindMissing(const Attachment& attachment, const Netns& task) {
  Complaints missing;
  TRY(ExamineTaskEnd(attachment, task, missing));
  TRY(ExamineHostEnd(attachment, missing));
  TRY(ExamineForwarding(attachment, missing));
  TRY(ExamineFirewall(attachment, missing));
  return missing;
}

}  // namespace berth::net
