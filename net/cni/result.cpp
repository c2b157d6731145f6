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

/// The list of that name in the result so far, which may be an earlier plugin's.
Answer<Json*> ListIn(Json& result, const char* name) {
  Json& list = result[name];
  if (list.is_null()) list = Json::array();
  if (!list.is_array()) {
    return Fail(Code::kInvalidConfig, fmt::format("prevResult.{}: must be a list", name));
  }
  return &list;
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

  Json* interfaces = TRY_ANSWER(ListIn(result, "interfaces"));
  Json host =
      InterfaceJson(HostInterfaceName(attachment.id), MacAddress::Derive("host " + attachment.id));
  Json inside = InterfaceJson(attachment.interfaceName, attachment.mac);
  inside["sandbox"] = made.netns;
  if (IsAtLeast(version, "1.1.0")) host["mtu"] = inside["mtu"] = made.mtu;
  interfaces->push_back(std::move(host));
  interfaces->push_back(std::move(inside));

  Json address = Json::object();
  if (!IsAtLeast(version, "1.0.0")) address["version"] = "4";
  address["address"] = attachment.address.Format() + "/32";
  address["gateway"] = attachment.subnet.gateway.Format();
  address["interface"] = interfaces->size() - 1;
  TRY_ANSWER(ListIn(result, "ips"))->push_back(std::move(address));

  Json* routes = TRY_ANSWER(ListIn(result, "routes"));
  for (const Ipv4Cidr& block : attachment.routes) {
    routes->push_back({{"dst", block.Format()}, {"gw", attachment.subnet.gateway.Format()}});
  }
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
  const std::string address = attachment.address.Format() + "/32";
  if (!HasItem(*result, "ips",
               [&](const Json& one) { return TextOf(one, "address") == address; })) {
    return Fail(Code::kNotAsAdded, fmt::format("prevResult.ips: does not have {}", address));
  }
  return {};
}

}  // namespace berth::net::cni
