#include "agent/config.h"

#include <nlohmann/json.hpp>

#include "agent/network/group_rules.h"
#include "base/files.h"
#include "base/json_reader.h"
#include "net/addresses/dns_name.h"

namespace berth::agent {
namespace {

struct SubnetFields {
  std::string subnetId;
  std::string cidrBlock;
  int mtu = 0;
  bool masquerade = true;
  std::vector<std::string> dnsServers;
};

void ReadJson(const JsonReader& in, SubnetFields& out) {
  in.Require("subnetId", out.subnetId);
  in.Require("cidrBlock", out.cidrBlock);
  in.Read("mtu", out.mtu);
  in.Read("masquerade", out.masquerade);
  in.Read("dnsServers", out.dnsServers);
  in.RefuseOtherFields();
}

struct BridgeFields {
  std::string cidrBlock;
};

void ReadJson(const JsonReader& in, BridgeFields& out) {
  in.Require("cidrBlock", out.cidrBlock);
  in.RefuseOtherFields();
}

struct NamesFields : NamesConfig {};

void ReadJson(const JsonReader& in, NamesFields& out) {
  in.Read("enabled", out.enabled);
  in.Read("domain", out.domain);
  in.RefuseOtherFields();
}

Result<SubnetConfig> ToSubnet(const SubnetFields& fields) {
  net::Subnet subnet =
      TRY(net::MakeSubnet(fields.subnetId, TRY(net::Ipv4Cidr::Parse(fields.cidrBlock))));
  subnet.mtu = fields.mtu;
  subnet.masquerade = fields.masquerade ? net::Masquerade::kOutsideHost : net::Masquerade::kNever;
  for (const std::string& server : fields.dnsServers) {
    TRY(net::Ipv4::Parse(server).Context("dnsServers"));
  }
  return SubnetConfig{.subnet = std::move(subnet), .dnsServers = fields.dnsServers};
}

Result<void> AddSubnets(Config& config, const std::vector<SubnetFields>& subnets) {
  for (size_t i = 0; i < subnets.size(); ++i) {
    SubnetConfig subnet = TRY(ToSubnet(subnets[i]).Context("subnets[{}]", i));
    for (const SubnetConfig& other : config.subnets) {
      const net::Ipv4Cidr& a = subnet.subnet.cidrBlock;
      const net::Ipv4Cidr& b = other.subnet.cidrBlock;
      if (a.Contains(b.Network()) || b.Contains(a.Network())) {
        return MakeError("subnets[{}].cidrBlock: {} overlaps {} of {}", i, a.Format(), b.Format(),
                         other.subnet.subnetId);
      }
    }
    config.subnets.push_back(std::move(subnet));
  }
  if (config.subnets.empty()) {
    config.subnets.push_back(
        TRY(ToSubnet({.subnetId = "subnet-default", .cidrBlock = "172.31.0.0/20"})));
  }
  return {};
}

Result<void> AddGroups(Config& config, const Json& document) {
  const auto field = document.find("securityGroups");
  if (field == document.end() || field->is_null()) return {};
  for (const ecs::SecurityGroup& group :
       TRY(ecs::ParseSecurityGroups(DumpJson(*field)).Context("securityGroups"))) {
    config.securityGroups.push_back(TRY(ToNetGroup(group).Context("securityGroups")));
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
  (void)in.Find("securityGroups");  // read below, by the reader of EC2's documents
  in.Read("insecureRegistries", config.insecureRegistries);
  in.Read("strictLimits", config.strictLimits);
  NamesFields names;
  in.Read("names", names);
  std::string manager(cgroups::Name(config.cgroupManager));
  in.Read("cgroupManager", manager);
  in.RefuseOtherFields();
  TRY(problems.Check());
  const auto known = cgroups::ParseManager(manager);
  if (!known) {
    return MakeError("cgroupManager: must be auto, cgroupfs or systemd, not \"{}\"", manager);
  }
  config.cgroupManager = *known;
  config.names = names;
  if (!net::IsDomainName(config.names.domain)) {
    return MakeError("names.domain: must be a domain such as berth.internal, not \"{}\"",
                     config.names.domain);
  }
  TRY(AddSubnets(config, subnets));
  TRY(AddGroups(config, document));
  if (bridge) {
    const auto block = TRY(net::Ipv4Cidr::Parse(bridge->cidrBlock).Context("bridge.cidrBlock"));
    config.bridge = TRY(net::MakeSubnet(config.bridge.subnetId, block).Context("bridge.cidrBlock"));
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

Result<net::SecurityGroup> Config::FindGroup(std::string_view group_id) const {
  std::string known = "sg-default";
  for (const net::SecurityGroup& group : securityGroups) {
    if (group.id == group_id) return group;
    known += ", " + group.id;
  }
  if (group_id == "sg-default") return net::DefaultGroup();
  return MakeError("security group {} is not configured on this host; there are: {}", group_id,
                   known);
}

}  // namespace berth::agent
