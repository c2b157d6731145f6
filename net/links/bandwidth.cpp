#include "net/links/bandwidth.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>

#include <algorithm>

#include "base/files.h"
#include "net/attachment.h"

namespace berth::net {
namespace {

// The group (IFLA_GROUP) of our ifb devices.
constexpr uint32_t kLimiterGroup = kLinkGroup + 2;
constexpr uint64_t kLeastBurst = 64 << 10;
constexpr uint32_t kLongestWaitMs = 50;
constexpr uint32_t kIngressHandle = TC_H_MAJ(TC_H_INGRESS);
constexpr uint16_t kNew = NLM_F_CREATE | NLM_F_EXCL;

NetlinkMessage NewQdisc(const tcmsg& header, const char* kind, const Attributes& options) {
  Attributes attributes;
  attributes.Text(TCA_KIND, kind).Nest(TCA_OPTIONS, options);
  return {.what = fmt::format("set up {}", kind),
          .type = RTM_NEWQDISC,
          .flags = kNew,
          .body = NetlinkBody(header, attributes)};
}

/// tc-tbf(8): a token bucket in place of the queue at a device's exit.
NetlinkMessage NewTokenBucket(int link, const RateLimit& limit) {
  const uint64_t rate = limit.bitsPerSecond / 8;
  const uint64_t burst =
      limit.burst > 0 ? limit.burst : std::max<uint64_t>(kLeastBurst, rate / 100);
  tc_tbf_qopt options = {};
  // With the link layer told the kernel counts time by itself, and needs no table of it.
  options.rate.linklayer = TC_LINKLAYER_ETHERNET;
  options.rate.rate = static_cast<uint32_t>(std::min<uint64_t>(rate, UINT32_MAX));
  options.limit =
      static_cast<uint32_t>(std::min<uint64_t>(burst + rate * kLongestWaitMs / 1000, UINT32_MAX));
  Attributes attributes;
  attributes.Bytes(TCA_TBF_PARMS, RawBytes(options))
      .Number<uint32_t>(TCA_TBF_BURST, static_cast<uint32_t>(burst));
  if (rate > UINT32_MAX) attributes.Number<uint64_t>(TCA_TBF_RATE64, rate);
  return NewQdisc(
      {.tcm_ifindex = link, .tcm_handle = TC_H_MAKE(1 << 16, 0), .tcm_parent = TC_H_ROOT}, "tbf",
      attributes);
}

/// Everything that comes in by `from` goes out by `to` (tc-u32(8), tc-mirred(8)).
NetlinkMessage NewRedirection(int from, int to) {
  // One key, of which no bit is looked at.
  const std::string match =
      RawBytes(tc_u32_sel{.flags = TC_U32_TERMINAL, .nkeys = 1}) + RawBytes(tc_u32_key{});
  const tc_mirred redirect = {
      .action = TC_ACT_STOLEN, .eaction = TCA_EGRESS_REDIR, .ifindex = static_cast<uint32_t>(to)};
  Attributes parameters, action, actions, options, attributes;
  parameters.Bytes(TCA_MIRRED_PARMS, RawBytes(redirect));
  action.Text(TCA_ACT_KIND, "mirred").Nest(TCA_ACT_OPTIONS, parameters);
  actions.Nest(1, action);
  options.Bytes(TCA_U32_SEL, match).Nest(TCA_U32_ACT, actions);
  attributes.Text(TCA_KIND, "u32").Nest(TCA_OPTIONS, options);
  const tcmsg header = {.tcm_ifindex = from,
                        .tcm_parent = kIngressHandle,
                        .tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL))};
  return {.what = "redirect what comes in",
          .type = RTM_NEWTFILTER,
          .flags = kNew,
          .body = NetlinkBody(header, attributes)};
}

Result<void> MakeLimiter(NetlinkSocket& host, const std::string& id) {
  Attributes kind, attributes;
  kind.Text(IFLA_INFO_KIND, "ifb");
  attributes.Text(IFLA_IFNAME, LimiterName(id))
      .Number<uint32_t>(IFLA_GROUP, kLimiterGroup)
      .Number<uint32_t>(IFLA_NUM_TX_QUEUES, 1)
      .Number<uint32_t>(IFLA_NUM_RX_QUEUES, 1)
      .Nest(IFLA_LINKINFO, kind);
  TRY(host.Send({.what = "make an ifb device",
                 .type = RTM_NEWLINK,
                 .flags = kNew,
                 .body = NetlinkBody(ifinfomsg{}, attributes)}));
  // Or it would get an address of its own, and speak for itself.
  const auto quiet = WriteControlFile(
      AT_FDCWD, fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", LimiterName(id)), "1");
  if (!quiet && !quiet.error().Is(ENOENT)) return quiet;
  const ifinfomsg up = {.ifi_index = static_cast<int>(::if_nametoindex(LimiterName(id).c_str())),
                        .ifi_flags = IFF_UP,
                        .ifi_change = IFF_UP};
  Attributes alias;
  alias.Text(IFLA_IFALIAS, id);
  return host.Send({.what = "bring it up", .type = RTM_NEWLINK, .body = NetlinkBody(up, alias)});
}

Result<void> LimitEgress(NetlinkSocket& host, const std::string& id, int link,
                         const RateLimit& limit) {
  TRY(MakeLimiter(host, id));
  const auto limiter = FindLimiter(id);
  if (!limiter) return MakeError("the ifb device has gone");
  return host.Send(std::vector<NetlinkMessage>{
      NewTokenBucket(limiter->index, limit),
      NewQdisc({.tcm_ifindex = link, .tcm_handle = kIngressHandle, .tcm_parent = TC_H_INGRESS},
               "ingress", {}),
      NewRedirection(link, limiter->index),
  });
}

}  // namespace

Result<void> CheckRateLimit(const RateLimit& limit) {
  if (limit.bitsPerSecond < 8'000 || limit.bitsPerSecond > 1'000'000'000'000) {
    return MakeError("{} bits a second; 8k to 1T are possible", limit.bitsPerSecond);
  }
  if (limit.burst > 0 && (limit.burst < (2 << 10) || limit.burst > (1 << 30))) {
    return MakeError("a burst of {} bytes; 2 KiB to 1 GiB are possible", limit.burst);
  }
  return {};
}

Result<void> LimitBandwidth(const std::string& id, const Bandwidth& bandwidth) {
  for (const auto& limit : {bandwidth.egress, bandwidth.ingress}) {
    if (limit) TRY(CheckRateLimit(*limit));
  }
  if (!bandwidth.egress && !bandwidth.ingress) return {};
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const int link = static_cast<int>(::if_nametoindex(HostInterfaceName(id).c_str()));
  if (link == 0) return ErrnoError("limit the bandwidth of {}", id);
  if (bandwidth.ingress) {
    TRY(host.Send(NewTokenBucket(link, *bandwidth.ingress)).Context("limit what {} gets", id));
  }
  if (bandwidth.egress) {
    TRY(LimitEgress(host, id, link, *bandwidth.egress).Context("limit what {} sends", id));
  }
  return {};
}

std::optional<HostLink> FindLimiter(const std::string& id) {
  const int index = static_cast<int>(::if_nametoindex(LimiterName(id).c_str()));
  if (index == 0) return std::nullopt;
  return HostLink{.index = index, .name = LimiterName(id)};
}

Result<std::vector<HostLink>> ListLimiters(NetlinkSocket& host) {
  Attributes filter;
  filter.Number<uint32_t>(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return host.List<HostLink>(
      {.what = "list interfaces", .type = RTM_GETLINK, .body = NetlinkBody(ifinfomsg{}, filter)},
      [](std::string_view body) -> std::optional<HostLink> {
        const AttributeView link = BodyAttributes<ifinfomsg>(body);
        if (FromBytes<uint32_t>(link.Find(IFLA_GROUP)) != kLimiterGroup) return std::nullopt;
        return HostLink{.index = FromBytes<ifinfomsg>(body).ifi_index,
                        .name = link.Text(IFLA_IFNAME)};
      });
}

std::string LimiterName(const std::string& id) { return "bi" + HostInterfaceName(id).substr(2); }

}  // namespace berth::net
