#include "net/cni/result.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace berth::net::cni {
namespace {

Json InterfaceJson(const std::string& name, MacAddress mac) {
  return {{"name", name}, {"mac", mac.Format()}};
}

Json DnsJson(const Dns& dns) {
  Json json = Json::object();
  if (!dns.nameservers.empty()) json["nameservers"] = dns.nameservers;
  if (!dns.domain.empty()) json["domain"] = dns.domain;
  if (!dns.search.empty()) json["search"] = dns.search;
  if (!dns.options.empty()) json["options"] = dns.options;
  return json;
}

/// An address that others reach it by. The one that leads to the agent alone is none.
struct Way {
  IpAddress address;
  IpAddress gateway;
};
std::vector<Way> WaysOf(const Attachment& attachment) {
  const Subnet& subnet = attachment.subnet;
  std::vector<Way> ways;
  if (subnet.cidrBlock) ways.push_back({attachment.address, subnet.gateway});
  if (attachment.ipv6Address) ways.push_back({*attachment.ipv6Address, subnet.ipv6Gateway});
  return ways;
}

/// The address with the prefix that it has on the interface.
std::string Whole(const IpAddress& address) {
  return address.Format() + (address.IsIpv4() ? "/32" : "/128");
}

/// Puts the items behind those that the result has so far, which may be an earlier plugin's; how
/// many those are.
Answer<size_t> Append(Json& result, const char* name, const std::vector<Json>& items) {
  Json& list = result[name];
  if (list.is_null()) list = Json::array();
  if (!list.is_array()) {
    return Fail(Code::kInvalidConfig, fmt::format("prevResult.{}: must be a list", name));
  }
  const size_t earlier = list.size();
  for (const Json& item : items) list.push_back(item);
  return earlier;
}

std::string TextOf(const Json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : "";
}

/// Whether a list of that name in a result has an item that fits.
template <typename Fits>
bool HasItem(const Json& result, const char* name, Fits fits) {
  const auto list = result.find(name);
  return list != result.end() && list->is_array() && std::any_of(list->begin(), list->end(), fits);
}

}  // namespace

Answer<std::string> FormatResult(const NetworkConfig& config, const Json& document,
                                 const Made& made) {
  const Attachment& attachment = made.attachment;
  const std::string& version = config.header.cniVersion;
  Json result = {{"cniVersion", version}};
  const auto earlier = document.find("prevResult");
  if (earlier != document.end() && earlier->is_object()) result.update(*earlier);
  result["cniVersion"] = version;

  Json host =
      InterfaceJson(HostInterfaceName(attachment.id), MacAddress::Derive("host " + attachment.id));
  Json inside = InterfaceJson(attachment.interfaceName, attachment.mac);
  inside["sandbox"] = made.netns;
  if (IsAtLeast(version, "1.1.0")) host["mtu"] = inside["mtu"] = made.mtu;
  const size_t index = TRY_ANSWER(Append(result, "interfaces", {host, inside})) + 1;

  std::vector<Json> ips;
  std::vector<Json> routes;
  for (const Way& way : WaysOf(attachment)) {
    Json& address = ips.emplace_back(Json::object());
    if (!IsAtLeast(version, "1.0.0")) address["version"] = way.address.IsIpv4() ? "4" : "6";
    address["address"] = Whole(way.address);
    address["gateway"] = way.gateway.Format();
    address["interface"] = index;
    for (const IpBlock& block : attachment.routes) {
      if (block.family() != way.address.family()) continue;
      routes.push_back({{"dst", block.Format()}, {"gw", way.gateway.Format()}});
    }
  }
  TRY_ANSWER(Append(result, "ips", ips));
  TRY_ANSWER(Append(result, "routes", routes));
  Json dns = DnsJson(config.dns);
  if (!dns.empty() || !result.contains("dns")) result["dns"] = std::move(dns);
  return DumpJson(result);
}

Answer<void> CheckPrevResult(const Json& document, const Made& made) {
  const auto result = document.find("prevResult");
  if (result == document.end() || !result->is_object()) {
    return Fail(Code::kInvalidConfig, "prevResult: CHECK needs the result of ADD");
  }
  const Attachment& attachment = made.attachment;
  const std::string mac = attachment.mac.Format();
  if (!HasItem(*result, "interfaces", [&](const Json& one) {
        return TextOf(one, "name") == attachment.interfaceName && TextOf(one, "mac") == mac &&
               !TextOf(one, "sandbox").empty();
      })) {
    return Fail(Code::kNotAsAdded, fmt::format("prevResult.interfaces: has no {} with the MAC {}",
                                               attachment.interfaceName, mac));
  }
  for (const Way& way : WaysOf(attachment)) {
    const std::string address = Whole(way.address);
    if (HasItem(*result, "ips",
                [&](const Json& one) { return TextOf(one, "address") == address; })) {
      continue;
    }
    return Fail(Code::kNotAsAdded, fmt::format("prevResult.ips: does not have {}", address));
  }
  return {};
}

}  // namespace berth::net::cni
