#include "net/cni/runtime_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace berth::net::cni {
namespace {

/// A field of the conventions' name, or with a capital as containerd writes what it passes on: Go
/// reads either.
std::optional<JsonReader> FindAsGo(const JsonReader& in, std::string name) {
  if (auto field = in.Find(name)) return field;
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return in.Find(name);
}

constexpr std::array kCapabilities = {"portMappings", "ips", "mac", "dns"};

Answer<void> RefuseOtherCapabilities(const Json& document) {
  const auto given = document.find("runtimeConfig");
  if (given == document.end() || !given->is_object()) return {};
  for (auto field = given->begin(); field != given->end(); ++field) {
    const Json& value = field.value();
    const bool known =
        std::find(kCapabilities.begin(), kCapabilities.end(), field.key()) != kCapabilities.end();
    if (known || value.is_null() || (value.is_structured() && value.empty())) continue;
    return Fail(Code::kUnsupportedField, fmt::format("runtimeConfig.{}: {} is not supported yet",
                                                     field.key(), DumpJson(value)));
  }
  return {};
}

/// What CNI_ARGS says: IP and MAC are ours, those of Kubernetes are about other things.
struct EnvironmentArgs {
  std::string ip;
  std::string mac;
};

Answer<EnvironmentArgs> ParseArgs(const std::string& text) {
  EnvironmentArgs args;
  std::vector<std::string> unknown;
  bool ignore_unknown = false;
  if (text.empty()) return args;
  for (const std::string& pair : Split(text, ';')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Fail(Code::kInvalidEnvironment,
                  fmt::format("CNI_ARGS: {} is not KEY=VALUE", QuoteJson(pair)));
    }
    const std::string key = pair.substr(0, equals);
    const std::string value = pair.substr(equals + 1);
    if (key == "IP") {
      args.ip = value;
    } else if (key == "MAC") {
      args.mac = value;
    } else if (key == "IgnoreUnknown") {
      ignore_unknown = value == "1" || value == "true" || value == "True" || value == "TRUE";
    } else if (!key.starts_with("K8S_")) {
      unknown.push_back(key);
    }
  }
  if (unknown.empty() || ignore_unknown) return args;
  return Fail(Code::kInvalidEnvironment,
              fmt::format("CNI_ARGS: {} not known here (IP and MAC are); IgnoreUnknown=1 lets it "
                          "pass",
                          Join(unknown, ", ")));
}

/// Whether a container in the subnet can have the address.
bool IsForContainer(const Subnet& subnet, const IpAddress& address) {
  if (address.IsIpv4()) {
    const auto& block = subnet.cidrBlock;
    return block && block->Contains(address.ipv4()) && address.ipv4() != subnet.gateway &&
           address.ipv4() != block->Network() && address.ipv4() != block->Broadcast();
  }
  const auto& block = subnet.ipv6CidrBlock;
  return block && block->Contains(address.ipv6()) && address.ipv6() != subnet.ipv6Gateway &&
         address.ipv6() != block->Network();
}

/// Addresses that were asked for, with or without a prefix, which is the network's to say.
Result<std::vector<IpAddress>> ReadAddresses(const std::vector<std::string>& texts,
                                             const std::vector<Subnet>& subnets) {
  std::vector<IpAddress> addresses;
  for (const std::string& text : texts) {
    const IpAddress address = TRY(IpAddress::Parse(text.substr(0, text.find('/'))));
    for (const IpAddress& other : addresses) {
      if (other.family() == address.family()) {
        return MakeError("an interface has one address of a family");
      }
    }
    addresses.push_back(address);
  }
  const bool in_one = std::any_of(subnets.begin(), subnets.end(), [&](const Subnet& subnet) {
    return std::all_of(addresses.begin(), addresses.end(),
                       [&](const IpAddress& address) { return IsForContainer(subnet, address); });
  });
  if (in_one) return addresses;
  return MakeError("{} can't be a container's in any of the network's subnets",
                   Join(texts, " and "));
}

Result<MacAddress> ReadMac(const std::string& text) {
  const MacAddress mac = TRY(MacAddress::Parse(text));
  if (mac == MacAddress() || (mac.Bytes()[0] & 1) != 0) {
    return MakeError("{} is no address of one interface (its first byte must be even)", text);
  }
  return mac;
}

Result<void> ReadPort(const PortMapping& given, std::vector<PublishedPort>& ports) {
  // A port of the container's that no port of the host leads to.
  if (given.hostPort == 0) return {};
  PublishedPort port = {.hostPort = static_cast<uint16_t>(given.hostPort),
                        .containerPort = static_cast<uint16_t>(given.containerPort)};
  const std::string& protocol = given.protocol;
  if (protocol == "udp" || protocol == "UDP") {
    port.protocol = Protocol::kUdp;
  } else if (protocol == "sctp" || protocol == "SCTP") {
    port.protocol = Protocol::kSctp;
  } else if (!protocol.empty() && protocol != "tcp" && protocol != "TCP") {
    return MakeError("protocol: {} is not supported: tcp, udp and sctp are", QuoteJson(protocol));
  }
  if (!given.hostIP.empty()) {
    const IpAddress address = TRY(IpAddress::Parse(given.hostIP).Context("hostIP"));
    if (address != IpAddress(Ipv4()) && address != IpAddress(Ipv6())) port.hostAddress = address;
  }
  if (given.containerPort == 0) return MakeError("containerPort: must be from 1 to 65535");
  const bool twice = std::any_of(ports.begin(), ports.end(), [&](const PublishedPort& other) {
    return other.hostPort == port.hostPort && other.protocol == port.protocol &&
           other.hostAddress == port.hostAddress;
  });
  if (twice) return MakeError("hostPort: {} is given twice", FormatHostPort(port));
  ports.push_back(port);
  return {};
}

/// The place that a wish came from, and the wish itself.
struct Wish {
  const char* place;
  std::vector<std::string> values;
};
/// The first that is one.
const Wish* First(const std::vector<Wish>& wishes) {
  const auto found = std::find_if(wishes.begin(), wishes.end(),
                                  [](const Wish& wish) { return !wish.values.empty(); });
  return found != wishes.end() ? &*found : nullptr;
}

std::vector<std::string> IfGiven(const std::string& text) {
  if (text.empty()) return {};
  return {text};
}

}  // namespace

void ReadJson(const JsonReader& in, PortMapping& out) {
  if (const auto port = FindAsGo(in, "hostPort")) out.hostPort = port->Integer(0, 65535);
  if (const auto port = FindAsGo(in, "containerPort")) out.containerPort = port->Integer(0, 65535);
  if (const auto protocol = FindAsGo(in, "protocol")) out.protocol = protocol->String();
  if (const auto host_ip = FindAsGo(in, "hostIP")) out.hostIP = host_ip->String();
  in.RefuseOtherFields();
}

void ReadRuntimeFields(const JsonReader& network, RuntimeFields& out) {
  if (const auto runtime = network.Find("runtimeConfig")) {
    runtime->Read("portMappings", out.portMappings);
    runtime->Read("ips", out.ips);
    runtime->Read("mac", out.mac);
    if (const auto dns = runtime->Find("dns")) {
      out.dns.emplace();
      if (const auto list = FindAsGo(*dns, "servers")) ReadJson(*list, out.dns->nameservers);
      if (const auto list = FindAsGo(*dns, "searches")) ReadJson(*list, out.dns->search);
      if (const auto list = FindAsGo(*dns, "options")) ReadJson(*list, out.dns->options);
    }
  }
  const auto args = network.Find("args");
  const auto of_cni = args && args->IsObject() ? args->Find("cni") : std::nullopt;
  if (of_cni && of_cni->IsObject()) of_cni->Read("ips", out.wished_ips);
}

Answer<void> ApplyRuntimeFields(const Json& document, const RuntimeFields& fields,
                                const std::string& cni_args, NetworkConfig& config) {
  TRY_ANSWER(RefuseOtherCapabilities(document));
  const EnvironmentArgs args = TRY_ANSWER(ParseArgs(cni_args));
  const std::vector<Wish> addresses = {{"runtimeConfig.ips", fields.ips},
                                       {"args.cni.ips", fields.wished_ips},
                                       {"CNI_ARGS: IP", IfGiven(args.ip)}};
  if (const Wish* wish = First(addresses)) {
    config.addresses =
        TRY_OR(Code::kInvalidConfig,
               ReadAddresses(wish->values, config.subnets).Context("{}", wish->place));
  }
  const std::vector<Wish> macs = {{"runtimeConfig.mac", IfGiven(fields.mac)},
                                  {"CNI_ARGS: MAC", IfGiven(args.mac)}};
  if (const Wish* wish = First(macs)) {
    config.mac =
        TRY_OR(Code::kInvalidConfig, ReadMac(wish->values.front()).Context("{}", wish->place));
  }
  for (size_t i = 0; i < fields.portMappings.size(); ++i) {
    TRY_OR(Code::kInvalidConfig, ReadPort(fields.portMappings[i], config.ports)
                                     .Context("runtimeConfig.portMappings[{}]", i));
  }
  if (fields.dns) {
    config.dns.nameservers = fields.dns->nameservers;
    config.dns.search = fields.dns->search;
    config.dns.options = fields.dns->options;
  }
  return {};
}

}  // namespace berth::net::cni
