#include "net/links/bandwidth.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include <algorithm>

#include "net/links/host_links.h"
#include "net/links/link_messages.h"
#include "net/links/link_settings.h"

namespace berth::net {
namespace {

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

/// Makes the limiter, and answers its index.
Result<int> MakeLimiter(NetlinkSocket& host, const std::string& name) {
  Attributes kind, attributes;
  kind.Text(IFLA_INFO_KIND, "ifb");
  attributes.Text(IFLA_IFNAME, name)
      .Number<uint32_t>(IFLA_GROUP, kLimiterGroup)
      .Number<uint32_t>(IFLA_NUM_TX_QUEUES, 1)
      .Number<uint32_t>(IFLA_NUM_RX_QUEUES, 1)
      .Nest(IFLA_LINKINFO, kind);
  TRY(host.Send(NewLink("make the ifb device " + name, kNew, ifinfomsg{}, attributes)));
  // Or it would get an address of its own, and speak for itself.
  TRY(DisableIpv6(name));
  const int index = TRY(LinkIndex(host, name));
  const ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  TRY(host.Send(NewLink(fmt::format("set {} up", name), 0, up, {})));
  return index;
}

Result<void> LimitEgress(NetlinkSocket& host, const std::string& host_end, int link,
                         const RateLimit& limit) {
  const int limiter = TRY(MakeLimiter(host, LimiterName(host_end)));
  return host.Send(std::vector<NetlinkMessage>{
      NewTokenBucket(limiter, limit),
      NewQdisc({.tcm_ifindex = link, .tcm_handle = kIngressHandle, .tcm_parent = TC_H_INGRESS},
               "ingress", {}),
      NewRedirection(link, limiter),
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

Result<void> LimitBandwidth(NetlinkSocket& host, const std::string& host_end,
                            const Bandwidth& bandwidth) {
  if (!bandwidth.egress && !bandwidth.ingress) return {};
  const int link = TRY(LinkIndex(host, host_end));
  if (bandwidth.ingress) {
    TRY(host.Send(NewTokenBucket(link, *bandwidth.ingress)).Context("limit what the task gets"));
  }
  if (bandwidth.egress) {
    TRY(LimitEgress(host, host_end, link, *bandwidth.egress).Context("limit what the task sends"));
  }
  return {};
}

std::string LimiterName(const std::string& host_end) { return host_end + "i"; }

}  // namespace berth::net
