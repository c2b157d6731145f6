#include "net/links/link_settings.h"

#include <fcntl.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/files.h"
#include "base/log.h"
#include "base/text.h"

namespace berth::net {
namespace {

std::string Ipv6Setting(std::string_view interface, std::string_view name) {
  return fmt::format("/proc/sys/net/ipv6/conf/{}/{}", interface, name);
}

Result<void> WriteIpv6Setting(std::string_view interface, std::string_view name,
                              std::string_view value) {
  return WriteControlFile(AT_FDCWD, Ipv6Setting(interface, name), value);
}

Result<bool> IpFlagIs(const std::string& path, std::string_view value) {
  return Trim(TRY(ReadFile(path))) == value;
}

// "all" and "default" are no interfaces, but the kernel's way to speak of many.
Result<void> KeepTakingAdvertisements(const std::string& interface) {
  if (interface == "all" || interface == "default") return {};
  const std::string path = Ipv6Setting(interface, "accept_ra");
  const auto takes = IpFlagIs(path, "1");
  if (!takes || !*takes) return {};  // one that has gone meanwhile is no loss
  TRY(WriteControlFile(AT_FDCWD, path, "2"));
  log::Info(
      "net.ipv6.conf.{}.accept_ra was 1 and is 2 now: it is to go on although this host forwards",
      interface);
  return {};
}

/// Writes a setting unless it is that already, and tells the log.
Result<void> Change(const std::string& path, std::string_view value, std::string_view why) {
  const std::string was(Trim(TRY(ReadFile(path))));
  if (was == value) return {};
  TRY(WriteControlFile(AT_FDCWD, path, value));
  log::Info("{} was {} and is {} now: {}", path, was, value, why);
  return {};
}

/// What net.ipv4.ip_forward says, at a tenth of the cost of that file.
Result<bool> ForwardsIpv4(NetlinkSocket& host) {
  Attributes all;
  all.Number<int32_t>(NETCONFA_IFINDEX, NETCONFA_IFINDEX_ALL);
  // The header is one byte, and padding before the first attribute.
  const uint32_t header = AF_INET;
  bool forwards = false;
  TRY(host.Ask({.what = "ask whether the host forwards",
                .type = RTM_GETNETCONF,
                .body = NetlinkBody(header, all)},
               [&](std::string_view body) {
                 const AttributeView answer = BodyAttributes<uint32_t>(body);
                 forwards = FromBytes<int32_t>(answer.Find(NETCONFA_FORWARDING)) != 0;
               }));
  return forwards;
}

}  // namespace

Result<void> DisableIpv6(const std::string& interface) {
  const auto written = WriteIpv6Setting(interface, "disable_ipv6", "1");
  if (!written && !written.error().Is(ENOENT)) return Error(written.error());
  return {};
}

Result<void> EnableIpv6(const std::string& interface) {
  constexpr const char* kNoAddress = "1";  // IN6_ADDR_GEN_MODE_NONE
  TRY(WriteIpv6Setting(interface, "addr_gen_mode", kNoAddress));
  TRY(WriteIpv6Setting(interface, "accept_ra", "0"));
  return WriteIpv6Setting(interface, "disable_ipv6", "0");
}

Result<void> EnableIpv4Forwarding(NetlinkSocket& host) {
  if (TRY(ForwardsIpv4(host))) return {};
  TRY(WriteControlFile(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", "1"));
  log::Info("net.ipv4.ip_forward was off and is on now: tasks need it");
  return {};
}

Result<void> EnableIpv6Forwarding() {
  const std::string path = Ipv6Setting("all", "forwarding");
  if (!TRY(IpFlagIs(path, "0"))) return {};
  for (const std::string& interface : TRY(ListDirectory("/proc/sys/net/ipv6/conf"))) {
    TRY(KeepTakingAdvertisements(interface));
  }
  TRY(WriteControlFile(AT_FDCWD, path, "1"));
  log::Info("net.ipv6.conf.all.forwarding was off and is on now: tasks with IPv6 need it");
  return {};
}

Result<void> LetAnswerForOthers(const std::string& interface, IpFamily family) {
  const bool ipv4 = family == IpFamily::kIpv4;
  const auto setting = [&](std::string_view kind, std::string_view name) {
    return fmt::format("/proc/sys/net/{}/{}/{}/{}", ipv4 ? "ipv4" : "ipv6", kind, interface, name);
  };
  const std::string forwarding = setting("conf", "forwarding");
  if (!ipv4 && TRY(IpFlagIs(forwarding, "0"))) TRY(KeepTakingAdvertisements(interface));
  TRY(Change(forwarding, "1", "tasks are reached by it"));
  if (!ipv4) TRY(Change(setting("conf", "proxy_ndp"), "1", "tasks have addresses of its LAN"));
  // Up to 0.8 s otherwise, by which a proxy leaves the first word to others who have the address.
  return Change(setting("neigh", "proxy_delay"), "0", "tasks have addresses of its LAN");
}

}  // namespace berth::net
