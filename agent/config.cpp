#include "agent/config.h"

#include <nlohmann/json.hpp>

#include "agent/network/group_rules.h"
#include "base/files.h"
#include "base/json_reader.h"
#include "net/addresses/dns_name.h"
#include "net/addresses/subnet_fields.h"
#include "net/firewall/flow_limits.h"
#include "net/name.h"

namespace berth::agent {
namespace {

constexpr uint32_t kMostPooled = 256;

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

Result<void> AddSubnets(Config& config, std::vector<net::SubnetFields> fields) {
  if (fields.empty()) fields.push_back(net::DefaultSubnetFields());
  std::vector<net::Subnet> subnets = TRY(net::ToSubnets(fields));
  for (size_t i = 0; i < subnets.size(); ++i) {
    config.subnets.push_back(
        {.subnet = std::move(subnets[i]), .dnsServers = std::move(fields[i].dnsServers)});
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
  std::vector<net::SubnetFields> subnets;
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
  if (const auto ports = in.Find("publishedPorts")) {
    ports->Read("obeyInput", config.portsObeyInput);
    ports->RefuseOtherFields();
  }
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
  TRY(AddSubnets(config, std::move(subnets)));
  TRY(ReadPrefixLists(config, document));
  TRY(AddGroups(config, document));
  if (bridge) {
    net::SubnetBlocks blocks =
        TRY(net::ToBlocks(bridge->cidrBlock, bridge->ipv6CidrBlock).Context("bridge"));
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
