#include "net/links/link_counters.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace berth::net {

LinkCounters LinkCounters::TurnedRound() const {
  return {.rx_bytes = tx_bytes,
          .rx_packets = tx_packets,
          .rx_errors = tx_errors,
          .rx_dropped = tx_dropped,
          .tx_bytes = rx_bytes,
          .tx_packets = rx_packets,
          .tx_errors = rx_errors,
          .tx_dropped = rx_dropped};
}

namespace {

/// The first members of rtnl_link_stats64, which has grown from one kernel to the next.
struct FirstStats {
  uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped;
};

LinkCounters CountersIn(std::string_view body) {
  const auto stats = FromBytes<FirstStats>(BodyAttributes<ifinfomsg>(body).Find(IFLA_STATS64));
  return {.rx_bytes = stats.rx_bytes,
          .rx_packets = stats.rx_packets,
          .rx_errors = stats.rx_errors,
          .rx_dropped = stats.rx_dropped,
          .tx_bytes = stats.tx_bytes,
          .tx_packets = stats.tx_packets,
          .tx_errors = stats.tx_errors,
          .tx_dropped = stats.tx_dropped};
}

}  // namespace

Result<std::optional<LinkCounters>> ReadLinkCounters(NetlinkSocket& socket,
                                                     const std::string& name) {
  Attributes which;
  which.Text(IFLA_IFNAME, name);
  const NetlinkMessage question = {.what = "read the counters of " + name,
                                   .type = RTM_GETLINK,
                                   .body = NetlinkBody(ifinfomsg{}, which)};
  std::optional<LinkCounters> counters;
  const auto asked =
      socket.Ask(question, [&](std::string_view body) { counters = CountersIn(body); });
  if (!asked && !asked.error().Is(ENODEV)) return Error(asked.error());
  return counters;
}

}  // namespace berth::net
