#include "net/firewall/drops.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>

#include "net/firewall/table_names.h"

namespace berth::net {
namespace {

Result<uint64_t> CountOf(NetlinkSocket& socket, const char* set, const std::string& id) {
  uint64_t packets = 0;
  for (const NftElement& element : TRY(ListNftElements(socket, set))) {
    if (element.comment == id) packets += element.packets;
  }
  return packets;
}

}  // namespace

void WriteDropSets(NftBatch& batch) {
  for (const IpFamily family : kFamilies) {
    batch.AddSet({.name = SetsOf(family).drops,
                  .key = {family == IpFamily::kIpv4 ? kNftIpv4 : kNftIpv6},
                  .comment = "what groups kept from tasks",
                  .counted = true});
  }
  batch.AddSet({.name = kEgressDrops,
                .key = {kNftInterface},
                .comment = "what groups kept tasks from sending",
                .counted = true});
}

void DropCounted(NftBatch& batch, const std::string& chain, bool ingress) {
  if (ingress) {
    for (const IpFamily family : kFamilies) {
      batch.AddRule(NftRule(chain)
                        .Only(family)
                        .Load(DestinationOf(family))
                        .InSet(SetsOf(family).drops)
                        .Drop());
    }
  } else {
    batch.AddRule(NftRule(chain).Load(NftField::kInterfaceIn).InSet(kEgressDrops).Drop());
  }
  batch.AddRule(NftRule(chain).Drop());
}

std::vector<NftElement> DropElements(const std::string& id, const std::string& link,
                                     const std::vector<IpAddress>& addresses) {
  std::vector<NftElement> elements = {
      {.set = kEgressDrops, .key = NftInterfaceName(link), .comment = id, .shown = link}};
  for (const IpAddress& address : addresses) {
    elements.push_back({.set = SetsOf(address.family()).drops,
                        .key = address.Bytes(),
                        .comment = id,
                        .shown = address.Format()});
  }
  return elements;
}

Result<Drops> ReadDrops(const std::string& attachment_id) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  if (!TRY(FindNftTable(socket))) return Drops();
  Drops drops = {.egress = TRY(CountOf(socket, kEgressDrops, attachment_id))};
  for (const IpFamily family : kFamilies) {
    drops.ingress += TRY(CountOf(socket, SetsOf(family).drops, attachment_id));
  }
  return drops;
}

}  // namespace berth::net
