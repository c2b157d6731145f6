#include "net/cni/runtime_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace berth::net::cni {
namespace {

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

/// An address that was asked for, with or without a prefix, which is the network's to say.
Result<Ipv4> ReadAddress(const std::string& text, const NetworkConfig& config) {
  const Ipv4 address = TRY(Ipv4::Parse(text.substr(0, text.find('/'))));
  for (const Subnet& subnet : config.subnets) {
    const Ipv4Cidr& block = subnet.cidrBlock;
    if (!block.Contains(address)) continue;
    if (address == subnet.gateway || address == block.Network() || address == block.Broadcast()) {
      return MakeError("{} is the gateway's or no host's in {}", text, block.Format());
    }
    return address;
  }
  return MakeError("{} is in none of the network's subnets", text);
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
  if (!given.hostIP.empty() && given.hostIP != "0.0.0.0") {
    return MakeError("hostIP: {} is not supported yet: ports are published on all addresses",
                     QuoteJson(given.hostIP));
  }
  PublishedPort port = {.hostPort = static_cast<uint16_t>(given.hostPort),
                        .containerPort = static_cast<uint16_t>(given.containerPort)};
  const std::string& protocol = given.protocol;
  if (protocol == "udp" || protocol == "UDP") {
    port.protocol = Protocol::kUdp;
  } else if (!protocol.empty() && protocol != "tcp" && protocol != "TCP") {
    return MakeError("protocol: {} is not supported: tcp and udp are", QuoteJson(protocol));
  }
  if (given.containerPort == 0) return MakeError("containerPort: must be from 1 to 65535");
  const bool twice = std::any_of(ports.begin(), ports.end(), [&](const PublishedPort& other) {
    return other.hostPort == port.hostPort && other.protocol == port.protocol;
  });
  if (twice) return MakeError("hostPort: {}/{} is given twice", port.hostPort, Name(port.protocol));
  ports.push_back(port);
  return {};
}

/// The place that a wish came from, and the wish itself.
struct Wish {
  const char* place;
  std::string value;
};
/// The first that is one.
const Wish* First(const std::vector<Wish>& wishes) {
  const auto found = std::find_if(wishes.begin(), wishes.end(),
                                  [](const Wish& wish) { return !wish.value.empty(); });
  return found != wishes.end() ? &*found : nullptr;
}

Answer<std::string> OneAddress(const std::vector<std::string>& ips, const char* place) {
  if (ips.size() > 1) {
    return Fail(Code::kInvalidConfig,
                fmt::format("{}: {} addresses; an interface has one", place, ips.size()));
  }
  return ips.empty() ? std::string() : ips.front();
}

}  // namespace

void ReadJson(const JsonReader& in, PortMapping& out) {
  if (const auto port = in.Find("hostPort")) out.hostPort = port->Integer(0, 65535);
  if (const auto port = in.Find("containerPort")) out.containerPort = port->Integer(0, 65535);
  in.Read("protocol", out.protocol);
  in.Read("hostIP", out.hostIP);
  in.RefuseOtherFields();
}

void ReadRuntimeFields(const JsonReader& network, RuntimeFields& out) {
  if (const auto runtime = network.Find("runtimeConfig")) {
    runtime->Read("portMappings", out.portMappings);
    runtime->Read("ips", out.ips);
    runtime->Read("mac", out.mac);
    if (const auto dns = runtime->Find("dns")) {
      out.dns.emplace();
      dns->Read("servers", out.dns->nameservers);
      dns->Read("searches", out.dns->search);
      dns->Read("options", out.dns->options);
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
  const std::vector<Wish> addresses = {
      {"runtimeConfig.ips", TRY_ANSWER(OneAddress(fields.ips, "runtimeConfig.ips"))},
      {"args.cni.ips", TRY_ANSWER(OneAddress(fields.wished_ips, "args.cni.ips"))},
      {"CNI_ARGS: IP", args.ip}};
  if (const Wish* wish = First(addresses)) {
    config.address =
        TRY_OR(Code::kInvalidConfig, ReadAddress(wish->value, config).Context("{}", wish->place));
  }
  const std::vector<Wish> macs = {{"runtimeConfig.mac", fields.mac}, {"CNI_ARGS: MAC", args.mac}};
  if (const Wish* wish = First(macs)) {
    config.mac = TRY_OR(Code::kInvalidConfig, ReadMac(wish->value).Context("{}", wish->place));
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
