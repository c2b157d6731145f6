#include "net/firewall/elements.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <iterator>

#include "net/firewall/drops.h"
#include "net/firewall/group_chains.h"
#include "net/firewall/table_names.h"

namespace berth::net {
namespace {

std::string PortKey(uint16_t port) { return RawBytes(htons(port)); }

NftElement PinOf(const Attachment& attachment, const IpAddress& address) {
  const std::string name = HostInterfaceName(attachment.id);
  return {
      .set = SetsOf(address.family()).pins,
      .key = NftConcat({NftInterfaceName(name), RawBytes(attachment.mac.Bytes()), address.Bytes()}),
      .comment = attachment.id,
      .shown = fmt::format("{} with {} and {}", name, attachment.mac.Format(), address.Format())};
}

/// The addresses by which others reach it.
std::vector<IpAddress> Reachable(const Attachment& attachment) {
  std::vector<IpAddress> addresses;
  if (attachment.subnet.cidrBlock) addresses.push_back(attachment.address);
  if (attachment.ipv6Address) addresses.push_back(*attachment.ipv6Address);
  return addresses;
}

NftElement Egress(const Attachment& attachment) {
  const std::string name = HostInterfaceName(attachment.id);
  const bool grouped = !attachment.groups.empty();
  return {
      .set = kEgress,
      .key = NftInterfaceName(name),
      .comment = attachment.id,
      .data = NftVerdict(NFT_GOTO, grouped ? EgressChain(attachment.groups) : kBridgeEgressChain),
      .shown = name};
}

NftElement Ingress(const Attachment& attachment, const IpAddress& address) {
  const bool grouped = !attachment.groups.empty();
  return {
      .set = SetsOf(address.family()).ingress,
      .key = address.Bytes(),
      .comment = attachment.id,
      .data = NftVerdict(NFT_GOTO, grouped ? IngressChain(attachment.groups) : kBridgeIngressChain),
      .shown = address.Format()};
}

/// The sets that the address is in.
std::vector<std::string> Memberships(const Attachment& attachment, IpFamily family) {
  const FamilySets& names = SetsOf(family);
  std::vector<std::string> sets = {names.homes};
  if (attachment.subnet.masquerade == Masquerade::kOutsideHost) sets.push_back(names.masqueraded);
  if (attachment.groups.empty()) sets.push_back(names.bridge);
  for (const SecurityGroup& group : attachment.groups) sets.push_back(MemberSet(group.id, family));
  return sets;
}

NftElement PortOf(const Attachment& attachment, const PublishedPort& port,
                  const IpAddress& address) {
  const FamilySets& names = SetsOf(address.family());
  std::vector<std::string> key = {RawBytes(static_cast<uint8_t>(port.protocol)),
                                  PortKey(port.hostPort)};
  if (port.hostAddress) key.insert(key.begin(), port.hostAddress->Bytes());
  const char* set = port.obeysInput ? names.guarded : names.ports;
  if (port.hostAddress) set = port.obeysInput ? names.guardedAt : names.portsAt;
  return {.set = set,
          .key = NftConcat(key),
          .comment = attachment.id,
          .data = NftValue(NftConcat({address.Bytes(), PortKey(port.containerPort)})),
          .shown = "host port " + FormatHostPort(port)};
}

}  // namespace

std::vector<NftElement> PinsOf(const Attachment& attachment) {
  std::vector<NftElement> pins = {PinOf(attachment, attachment.address)};
  if (attachment.ipv6Address) pins.push_back(PinOf(attachment, *attachment.ipv6Address));
  return pins;
}

std::vector<NftElement> PassagesOf(const Attachment& attachment) {
  const std::vector<IpAddress> addresses = Reachable(attachment);
  std::vector<NftElement> elements =
      DropElements(attachment.id, HostInterfaceName(attachment.id), addresses);
  elements.push_back(Egress(attachment));
  for (const IpAddress& address : addresses) {
    const auto add = [&](std::string set, std::string key) {
      elements.push_back({.set = std::move(set),
                          .key = std::move(key),
                          .comment = attachment.id,
                          .shown = address.Format()});
    };
    elements.push_back(Ingress(attachment, address));
    for (std::string& set : Memberships(attachment, address.family())) {
      add(std::move(set), address.Bytes());
    }
    for (const PublishedPort& port : attachment.ports) {
      if (port.hostAddress && port.hostAddress->family() != address.family()) continue;
      elements.push_back(PortOf(attachment, port, address));
    }
    if (!attachment.ports.empty()) {
      add(SetsOf(address.family()).hairpin, NftConcat({address.Bytes(), address.Bytes()}));
    }
  }
  return elements;
}

std::optional<uint16_t> UdpPortOf(const NftElement& element) {
  for (const IpFamily family : kFamilies) {
    const FamilySets& names = SetsOf(family);
    const bool on_one = element.set == names.portsAt || element.set == names.guardedAt;
    if (!on_one && element.set != names.ports && element.set != names.guarded) continue;
    // Each part takes whole registers.
    const size_t address = family == IpFamily::kIpv4 ? 4 : 16;
    const size_t protocol = on_one ? address : 0;
    const size_t port = protocol + 4;
    if (element.key.size() < port + 2) return std::nullopt;
    if (element.key[protocol] != static_cast<char>(Protocol::kUdp)) return std::nullopt;
    return ntohs(FromBytes<uint16_t>(std::string_view(element.key).substr(port)));
  }
  return std::nullopt;
}

bool IsSetOfGuardedPorts(const std::string& set) {
  return std::any_of(std::begin(kFamilies), std::end(kFamilies), [&](IpFamily family) {
    return set == SetsOf(family).guarded || set == SetsOf(family).guardedAt;
  });
}

}  // namespace berth::net
