#include "net/firewall/drops.h"

#include <linux/netfilter.h>

#include "net/attachment.h"

namespace berth::net {
namespace {

constexpr const char* kIngressDrops = "ingress_drops";  // address
constexpr const char* kEgressDrops = "egress_drops";    // interface

Result<uint64_t> CountOf(NetlinkSocket& socket, const char* set, const std::string& key) {
  for (const NftElement& element : TRY(ListNftElements(socket, set))) {
    if (element.key == key) return element.packets;
  }
  return uint64_t{0};
}

}  // namespace

void WriteDropSets(NftBatch& batch) {
  batch
      .AddSet({.name = kIngressDrops,
               .key = {kNftIpv4},
               .comment = "what groups kept from tasks",
               .counted = true})
      .AddSet({.name = kEgressDrops,
               .key = {kNftInterface},
               .comment = "what groups kept tasks from sending",
               .counted = true});
}

void DropCounted(NftBatch& batch, const std::string& chain, bool ingress) {
  NftRule counted(chain);
  if (ingress) {
    counted.Ipv4Only().Load(NftField::kDestination).InSet(kIngressDrops);
  } else {
    counted.Load(NftField::kInterfaceIn).InSet(kEgressDrops);
  }
  batch.AddRule(counted.Drop()).AddRule(NftRule(chain).Drop());
}

std::vector<NftElement> DropElements(const std::string& id, const std::string& link, Ipv4 address) {
  return {{.set = kIngressDrops,
           .key = RawBytes(address.Bytes()),
           .comment = id,
           .shown = address.Format()},
          {.set = kEgressDrops, .key = NftInterfaceName(link), .comment = id, .shown = link}};
}

Result<Drops> ReadDrops(const std::string& attachment_id, Ipv4 address) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  if (!TRY(FindNftTable(socket))) return Drops();
  const std::string link = NftInterfaceName(HostInterfaceName(attachment_id));
  return Drops{.ingress = TRY(CountOf(socket, kIngressDrops, RawBytes(address.Bytes()))),
               .egress = TRY(CountOf(socket, kEgressDrops, link))};
}

}  // namespace berth::net
