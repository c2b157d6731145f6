#include "agent/config.h"

#include <nlohmann/json.hpp>

#include "agent/network/group_rules.h"
#include "base/files.h"
#include "base/json_reader.h"
#include "net/addresses/dns_name.h"
#include "net/firewall/flow_limits.h"
#include "net/name.h"

namespace berth::agent {
namespace {

constexpr uint32_t kMostPooled = 256;

struct SubnetFields {
  std::string subnetId;
  std::string cidrBlock;
  std::string ipv6CidrBlock;
  bool lan = false;    // the driver
  std::string parent;  // of a LAN
  net::GatewayTexts gateways;
  int mtu = 0;
  std::optional<bool> masquerade;  // left out: where it makes sense
  std::vector<std::string> dnsServers;
};

void ReadDriver(const JsonReader& in, SubnetFields& out) {
  if (const auto driver = in.Find("driver")) {
    const std::string name = driver->String();
    out.lan = name == "lan";
    if (name == "macvlan" || name == "ipvlan") {
      driver->Complain(
          fmt::format("{} is not possible, since the host can't guard such tasks: lan gives them "
                      "addresses of the LAN, too",
                      name),
          JsonFault::kValue);
    } else if (driver->IsString() && !out.lan && name != "routed") {
      driver->Complain(fmt::format("must be routed or lan, not \"{}\"", name), JsonFault::kValue);
    }
  }
  const auto parent = in.Find("parent");
  if (!out.lan) {
    if (parent) parent->Complain("only subnets with the driver lan have one", JsonFault::kValue);
    return;
  }
  in.Require("parent", out.parent);
  if (parent && parent->IsString() && !net::IsInterfaceName(out.parent)) {
    parent->Complain(
        fmt::format("must be an interface of the host such as eth0, not \"{}\"", out.parent),
        JsonFault::kValue);
  }
}

void ReadJson(const JsonReader& in, SubnetFields& out) {
  in.Require("subnetId", out.subnetId);
  in.Read("cidrBlock", out.cidrBlock);
  in.Read("ipv6CidrBlock", out.ipv6CidrBlock);
  if (in.IsObject() && out.cidrBlock.empty() && out.ipv6CidrBlock.empty()) {
    in.Complain("cidrBlock or ipv6CidrBlock is required", JsonFault::kValue);
  }
  ReadDriver(in, out);
  in.Read("gateway", out.gateways.ipv4);
  in.Read("ipv6Gateway", out.gateways.ipv6);
  in.Read("mtu", out.mtu);
  in.Read("masquerade", out.masquerade);
  if (out.lan && out.masquerade.value_or(false)) {
    in.Find("masquerade")
        ->Complain("can't be true on a LAN, whose machines know the tasks' addresses",
                   JsonFault::kValue);
  }
  in.Read("dnsServers", out.dnsServers);
  in.RefuseOtherFields();
}

struct BridgeFields {
  std::string cidrBlock;
  std::string ipv6CidrBlock;
};

void ReadJson(const JsonReader& in, BridgeFields& out) {
  in.Read("cidrBlock", out.cidrBlock);
  in.Read("ipv6CidrBlock", out.ipv6CidrBlock);
  in.RefuseOtherFields();
}

struct NamesFields : NamesConfig {};

void ReadJson(const JsonReader& in, NamesFields& out) {
  in.Read("enabled", out.enabled);
  in.Read("domain", out.domain);
  in.RefuseOtherFields();
}

// An empty text is no block.
Result<net::SubnetBlocks> ToBlocks(const std::string& ipv4, const std::string& ipv6) {
  net::SubnetBlocks blocks;
  if (!ipv4.empty()) blocks.ipv4 = TRY(net::Ipv4Cidr::Parse(ipv4).Context("cidrBlock"));
  if (!ipv6.empty()) blocks.ipv6 = TRY(net::Ipv6Cidr::Parse(ipv6).Context("ipv6CidrBlock"));
  return blocks;
}

Result<SubnetConfig> ToSubnet(const SubnetFields& fields) {
  net::Subnet subnet =
      TRY(net::MakeSubnet(fields.subnetId, TRY(ToBlocks(fields.cidrBlock, fields.ipv6CidrBlock))));
  subnet.parent = fields.parent;
  subnet = TRY(net::WithGateways(std::move(subnet), fields.gateways));
  subnet.mtu = fields.mtu;
  const bool masquerade = fields.masquerade.value_or(!fields.lan);
  subnet.masquerade = masquerade ? net::Masquerade::kOutsideHost : net::Masquerade::kNever;
  for (const std::string& server : fields.dnsServers) {
    TRY(net::IpAddress::Parse(server).Context("dnsServers"));
  }
  return SubnetConfig{.subnet = std::move(subnet), .dnsServers = fields.dnsServers};
}

// Fails if the two have addresses in common.
template <typename Cidr>
Result<void> CheckApart(const char* field, const std::optional<Cidr>& a,
                        const std::optional<Cidr>& b, const std::string& other) {
  if (!net::Overlap(a, b)) return {};
  return MakeError("{}: {} overlaps {} of {}", field, a->Format(), b->Format(), other);
}

Result<void> AddSubnets(Config& config, const std::vector<SubnetFields>& subnets) {
  for (size_t i = 0; i < subnets.size(); ++i) {
    SubnetConfig subnet = TRY(ToSubnet(subnets[i]).Context("subnets[{}]", i));
    for (const auto& [other, servers] : config.subnets) {
      const net::Subnet& mine = subnet.subnet;
      TRY(CheckApart("cidrBlock", mine.cidrBlock, other.cidrBlock, other.subnetId)
              .Context("subnets[{}]", i));
      TRY(CheckApart("ipv6CidrBlock", mine.ipv6CidrBlock, other.ipv6CidrBlock, other.subnetId)
              .Context("subnets[{}]", i));
    }
    config.subnets.push_back(std::move(subnet));
  }
  if (config.subnets.empty()) {
    config.subnets.push_back(
        TRY(ToSubnet({.subnetId = "subnet-default", .cidrBlock = "172.31.0.0/20"})));
  }
  return {};
}

Result<void> ReadPrefixLists(Config& config, const Json& document) {
  const auto field = document.find("prefixLists");
  if (field == document.end() || field->is_null()) return {};
  config.prefixLists = TRY(ecs::ParsePrefixLists(DumpJson(*field)).Context("prefixLists"));
  return {};
}

Result<void> AddGroups(Config& config, const Json& document) {
  const auto field = document.find("securityGroups");
  if (field == document.end() || field->is_null()) return {};
  config.securityGroups = TRY(ecs::ParseSecurityGroups(DumpJson(*field)).Context("securityGroups"));
  for (const ecs::SecurityGroup& group : config.securityGroups) {
    TRY(ToNetGroup(group, config.prefixLists).Context("securityGroups"));
  }
  return {};
}

}  // namespace

Result<Config> Config::Load(const std::string& path) {
  auto text = ReadFile(path);
  if (!text && text.error().Is(ENOENT)) return Parse("{}");
  return Parse(TRY(std::move(text))).Context("{}", path);
}

Result<Config> Config::Parse(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  const JsonReader in(document, problems);
  Config config;
  std::vector<SubnetFields> subnets;
  std::optional<BridgeFields> bridge;
  in.Read("subnets", subnets);
  in.Read("bridge", bridge);
  // Read below, by the readers of EC2's documents.
  (void)in.Find("prefixLists");
  (void)in.Find("securityGroups");
  in.Read("insecureRegistries", config.insecureRegistries);
  in.Read("strictLimits", config.strictLimits);
  NamesFields names;
  in.Read("names", names);
  in.Read("flowLimit", config.flowLimit);
  in.Read("interfacePool", config.interfacePool);
  std::string manager(cgroups::Name(config.cgroupManager));
  in.Read("cgroupManager", manager);
  in.RefuseOtherFields();
  TRY(problems.Check());
  const auto known = cgroups::ParseManager(manager);
  if (!known) {
    return MakeError("cgroupManager: must be auto, cgroupfs or systemd, not \"{}\"", manager);
  }
  config.cgroupManager = *known;
  if (config.flowLimit &&
      (*config.flowLimit < net::kLeastFlowLimit || *config.flowLimit > net::kMostFlowLimit)) {
    return MakeError("flowLimit: must be {} to {}, not {}", net::kLeastFlowLimit,
                     net::kMostFlowLimit, *config.flowLimit);
  }
  if (config.interfacePool > kMostPooled) {
    return MakeError("interfacePool: must be 0 to {}, not {}", kMostPooled, config.interfacePool);
  }
  config.names = names;
  if (!net::IsDomainName(config.names.domain)) {
    return MakeError("names.domain: must be a domain such as berth.internal, not \"{}\"",
                     config.names.domain);
  }
  TRY(AddSubnets(config, subnets));
  TRY(ReadPrefixLists(config, document));
  TRY(AddGroups(config, document));
  if (bridge) {
    net::SubnetBlocks blocks =
        TRY(ToBlocks(bridge->cidrBlock, bridge->ipv6CidrBlock).Context("bridge"));
    if (!blocks.ipv4) blocks.ipv4 = config.bridge.cidrBlock;
    config.bridge = TRY(net::MakeSubnet(config.bridge.subnetId, blocks).Context("bridge"));
  }
  return config;
}

Result<SubnetConfig> Config::FindSubnet(std::string_view subnet_id) const {
  std::string known;
  for (const SubnetConfig& subnet : subnets) {
    if (subnet.subnet.subnetId == subnet_id) return subnet;
    known += (known.empty() ? "" : ", ") + subnet.subnet.subnetId;
  }
  return MakeError("subnet {} is not configured on this host; there are: {}", subnet_id, known);
}

}  // namespace berth::agent
