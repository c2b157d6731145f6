#include "net/firewall/drops.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>

#include "net/firewall/table_names.h"

namespace berth::net {
namespace {

/// Counted sets of interfaces, and what is in them.
struct LinkSet {
  const char* name;
  const char* comment;
  uint64_t Drops::*count;
};
constexpr LinkSet kLinkSets[] = {
    {kEgressDrops, "what groups kept tasks from sending", &Drops::egress},
    {kFlowDropsOut, "what would have begun a flow too many", &Drops::flows_out},
    {kFlowDropsIn, "what would have begun a flow too many to a task", &Drops::flows_in},
};

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
  for (const LinkSet& set : kLinkSets) {
    batch.AddSet(
        {.name = set.name, .key = {kNftInterface}, .comment = set.comment, .counted = true});
  }
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
  std::vector<NftElement> elements;
  for (const LinkSet& set : kLinkSets) {
    elements.push_back(
        {.set = set.name, .key = NftInterfaceName(link), .comment = id, .shown = link});
  }
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
  Drops drops;
  for (const LinkSet& set : kLinkSets) {
    drops.*set.count = TRY(CountOf(socket, set.name, attachment_id));
  }
  for (const IpFamily family : kFamilies) {
    drops.ingress += TRY(CountOf(socket, SetsOf(family).drops, attachment_id));
  }
  return drops;
}

}  // namespace berth::net
