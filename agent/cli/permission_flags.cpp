#include "agent/cli/permission_flags.h"

#include "base/text.h"

namespace berth::agent::cli {
namespace {

Result<int64_t> Number(std::string_view text, const std::string& whole) {
  if (const auto number = ParseInteger<int64_t>(text)) return *number;
  return MakeError("--port: must be a port as 80, a range as 8000-8010, or all, not {}", whole);
}

bool IsIcmp(const std::string& protocol) {
  return protocol.starts_with("icmp") || protocol == "1" || protocol == "58";
}

Result<void> ReadPorts(const PermissionFlags& flags, ecs::IpPermission& permission) {
  const std::string& protocol = permission.IpProtocol;
  const bool all = flags.port.empty() || flags.port == "all" || flags.port == "-1";
  if (IsIcmp(protocol)) {
    const size_t dash = flags.port.find('-');
    permission.FromPort = all ? -1 : TRY(Number(flags.port.substr(0, dash), flags.port));
    const bool code = !all && dash != std::string::npos;
    permission.ToPort = code ? TRY(Number(flags.port.substr(dash + 1), flags.port)) : -1;
    return {};
  }
  if (protocol == "tcp" || protocol == "udp" || protocol == "6" || protocol == "17") {
    if (flags.port.empty()) {
      return MakeError("--port: is required with --protocol {}; all is every port", protocol);
    }
    const size_t dash = flags.port.find('-');
    const std::string last = dash == std::string::npos ? flags.port : flags.port.substr(dash + 1);
    permission.FromPort = all ? 0 : TRY(Number(flags.port.substr(0, dash), flags.port));
    permission.ToPort = all ? 65535 : TRY(Number(last, flags.port));
    return {};
  }
  if (!all) return MakeError("--port: means nothing with --protocol {}", flags.protocol);
  return {};
}

}  // namespace

Result<std::vector<ecs::IpPermission>> ReadPermissionFlags(const PermissionFlags& flags) {
  const bool described = !flags.protocol.empty() || !flags.port.empty() || !flags.cidrs.empty() ||
                         !flags.groups.empty();
  if (!flags.permissions.empty()) {
    if (described) return MakeError("--ip-permissions: says all there is to say; leave the rest");
    return ecs::ParseIpPermissions(flags.permissions).Context("--ip-permissions");
  }
  if (flags.protocol.empty()) {
    return MakeError(
        "--protocol (or --ip-permissions): is required; tcp, udp, icmp, icmpv6, a "
        "number, or all");
  }
  ecs::IpPermission permission = {.IpProtocol = flags.protocol == "all" ? "-1" : flags.protocol};
  TRY(ReadPorts(flags, permission));
  for (const std::string& cidr : flags.cidrs) {
    if (cidr.find(':') == std::string::npos) {
      permission.IpRanges.push_back({.CidrIp = cidr});
    } else {
      permission.Ipv6Ranges.push_back({.CidrIpv6 = cidr});
    }
  }
  for (const std::string& group : flags.groups) {
    permission.UserIdGroupPairs.push_back({.GroupId = group});
  }
  if (flags.cidrs.empty() && flags.groups.empty()) {
    return MakeError("--cidr or --source-group: is required");
  }
  TRY(ecs::CheckIpPermissions({permission}));
  return std::vector{permission};
}

}  // namespace berth::agent::cli
