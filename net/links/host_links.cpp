#include "net/links/host_links.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <set>

#include "net/addresses/address.h"
#include "net/links/addressing.h"
#include "net/links/link_messages.h"
#include "net/links/link_settings.h"

namespace berth::net {
namespace {

// Links about to be deleted together.
constexpr uint32_t kDoomedGroup = kLinkGroup + 1;

/// A link's settings of IPv6 are numbers in the order of linux/ipv6.h, which does not go with the C
/// library's <netinet/in.h>.
bool HasIpv6(const AttributeView& link) {
  constexpr size_t kDisableIpv6 = 26;  // DEVCONF_DISABLE_IPV6
  const AttributeView families(link.Find(IFLA_AF_SPEC));
  const std::string_view settings = AttributeView(families.Find(AF_INET6)).Find(IFLA_INET6_CONF);
  const size_t at = kDisableIpv6 * sizeof(int32_t);
  return at < settings.size() && FromBytes<int32_t>(settings.substr(at)) == 0;
}

std::optional<HostLink> AsHostLink(std::string_view body) {
  const AttributeView attributes = BodyAttributes<ifinfomsg>(body);
  const auto group = FromBytes<uint32_t>(attributes.Find(IFLA_GROUP));
  // Who sets links aside may die before they are deleted.
  const bool ours = group == kLinkGroup || group == kLimiterGroup || group == kDoomedGroup;
  if (!ours) return std::nullopt;
  return HostLink{.index = FromBytes<ifinfomsg>(body).ifi_index,
                  .name = attributes.Text(IFLA_IFNAME),
                  .has_ipv6 = HasIpv6(attributes)};
}

/// Takes away our routes over the links, of one family.
Result<void> DeleteRoutes(NetlinkSocket& host, uint8_t family, const std::set<int>& links) {
  const rtmsg ours = {
      .rtm_family = family, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = kRouteProtocol};
  Attributes filter;
  if (links.size() == 1) filter.Number<int>(RTA_OIF, *links.begin());
  const auto deletions = host.List<NetlinkMessage>(
      {.what = "list routes", .type = RTM_GETROUTE, .body = NetlinkBody(ours, filter)},
      [&](std::string_view body) -> std::optional<NetlinkMessage> {
        // Looked at again: a kernel without strict dump filters sends every route.
        const AttributeView route = BodyAttributes<rtmsg>(body);
        if (FromBytes<rtmsg>(body).rtm_protocol != kRouteProtocol) return std::nullopt;
        if (!links.contains(FromBytes<int>(route.Find(RTA_OIF)))) return std::nullopt;
        return NetlinkMessage{
            .what = "delete a route", .type = RTM_DELROUTE, .body = std::string(body)};
      });
  // What has gone meanwhile, a link or a route, is no loss.
  if (!deletions && deletions.error().Is(ENODEV)) return {};
  if (const auto sent = host.Send(TRY(deletions)); !sent && !sent.error().Is(ESRCH)) {
    return Error(sent.error());
  }
  return {};
}

Result<void> DeleteAllRoutes(NetlinkSocket& host, const std::vector<HostLink>& links) {
  std::set<int> indices;
  for (const HostLink& link : links) indices.insert(link.index);
  TRY(DeleteRoutes(host, AF_INET, indices));
  return DeleteRoutes(host, AF_INET6, indices);
}

}  // namespace

Result<std::vector<HostLink>> ListHostLinks(NetlinkSocket& host) {
  Attributes filter;
  filter.Number<uint32_t>(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return host.List<HostLink>(
      {.what = "list interfaces", .type = RTM_GETLINK, .body = NetlinkBody(ifinfomsg{}, filter)},
      AsHostLink);
}

Result<std::optional<HostLink>> FindHostLink(NetlinkSocket& host, const std::string& name) {
  std::optional<HostLink> found;
  const auto asked =
      AskForLink(host, name, [&](std::string_view body) { found = AsHostLink(body); });
  if (!asked && !asked.error().Is(ENODEV)) return Error(asked.error());
  return found;
}

Result<void> DeleteLinks(NetlinkSocket& host, const std::vector<HostLink>& links) {
  if (links.empty()) return {};
  TRY(DeleteAllRoutes(host, links));
  std::vector<NetlinkMessage> moves;
  for (const HostLink& link : links) {
    Attributes doomed;
    doomed.Number<uint32_t>(IFLA_GROUP, kDoomedGroup);
    moves.push_back(NewLink("set aside " + link.name, 0, {.ifi_index = link.index}, doomed));
  }
  // An interface that has gone meanwhile is no loss.
  if (const auto moved = host.Send(moves); !moved && !moved.error().Is(ENODEV)) {
    return Error(moved.error());
  }
  // Each deletion waits for grace periods of the kernel; one of a whole group shares them.
  Attributes group;
  group.Number<uint32_t>(IFLA_GROUP, kDoomedGroup);
  const auto deleted = host.Send({.what = fmt::format("delete {} interfaces", links.size()),
                                  .type = RTM_DELLINK,
                                  .body = NetlinkBody(ifinfomsg{}, group)});
  if (!deleted && !deleted.error().Is(ENODEV)) return Error(deleted.error());
  return {};
}

Result<void> CutOff(NetlinkSocket& host, const HostLink& link) {
  TRY(DeleteRoutes(host, AF_INET, {link.index}));
  if (!link.has_ipv6) return {};
  TRY(DeleteRoutes(host, AF_INET6, {link.index}));
  return DisableIpv6(link.name);
}

Result<int> DefaultMtu(NetlinkSocket& host) {
  constexpr int kEthernet = 1500;
  // Any address outside will do; this one is a dummy that nobody has (RFC 7600).
  Attributes destination;
  destination.Bytes(RTA_DST, RawBytes(Ipv4(0xc0000008).Bytes()));
  const rtmsg header = {.rtm_family = AF_INET, .rtm_dst_len = 32};
  int index = 0;
  const auto routed = host.Ask({.what = "find the default route",
                                .type = RTM_GETROUTE,
                                .body = NetlinkBody(header, destination)},
                               [&](std::string_view body) {
                                 index = FromBytes<int>(BodyAttributes<rtmsg>(body).Find(RTA_OIF));
                               });
  if (!routed || index == 0) return kEthernet;
  int mtu = 0;
  TRY(host.Ask({.what = "find the default route's interface",
                .type = RTM_GETLINK,
                .body = NetlinkBody(ifinfomsg{.ifi_index = index})},
               [&](std::string_view body) {
                 mtu = FromBytes<int>(BodyAttributes<ifinfomsg>(body).Find(IFLA_MTU));
               }));
  return mtu > 0 ? mtu : kEthernet;
}

}  // namespace berth::net
