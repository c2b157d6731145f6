#include "agent/engine/order.h"

#include <algorithm>

#include "agent/network/group_rules.h"
#include "agent/task/unsupported.h"
#include "base/text.h"
#include "ecs/sha256.h"
#include "ecs/wire/convert.h"
#include "net/addresses/subnet_fields.h"
#include "net/name.h"

namespace berth::agent::engine {
namespace {

constexpr const char* kEndpoint = "http://169.254.170.2";

bool IsTaskId(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool Sets(const ecs::ContainerDefinition& container, std::string_view name) {
  return std::any_of(container.environment.begin(), container.environment.end(),
                     [&](const ecs::KeyValuePair& variable) { return variable.name == name; });
}

void AddIfUnset(ecs::ContainerDefinition& container, std::string name, std::string value) {
  if (!Sets(container, name)) container.environment.push_back({std::move(name), std::move(value)});
}

void AddEnvironment(ecs::ContainerDefinition& container, const ecs::wire::AcsTask& order,
                    const OrderFacts& facts) {
  const std::string id = EndpointIdOf(facts.secret, container.name);
  AddIfUnset(container, "ECS_CONTAINER_METADATA_URI", fmt::format("{}/v3/{}", kEndpoint, id));
  AddIfUnset(container, "ECS_CONTAINER_METADATA_URI_V4", fmt::format("{}/v4/{}", kEndpoint, id));
  AddIfUnset(container, "ECS_AGENT_URI", fmt::format("{}/api/{}", kEndpoint, id));
  if (order.roleCredentials) {
    AddIfUnset(container, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
               "/v2/credentials/" + order.roleCredentials->credentialsId);
  }
  if (facts.region.empty() || Sets(container, "AWS_REGION") ||
      Sets(container, "AWS_DEFAULT_REGION")) {
    return;
  }
  AddIfUnset(container, "AWS_REGION", facts.region);
  AddIfUnset(container, "AWS_DEFAULT_REGION", facts.region);
}

// The address that is marked as the primary, or else the first; nothing if there is none.
template <typename Assignment>
const Assignment* Primary(const std::vector<Assignment>& assignments) {
  const auto primary = std::find_if(assignments.begin(), assignments.end(),
                                    [](const Assignment& one) { return one.primary; });
  if (primary != assignments.end()) return &*primary;
  return assignments.empty() ? nullptr : &assignments.front();
}

// "10.0.0.1/24": the gateway, and with it the block.
template <typename Address, typename Cidr>
struct GatewayOf {
  Address gateway;
  Cidr block;

  static Result<GatewayOf> Parse(const std::optional<std::string>& text, int most) {
    const std::string written = text.value_or("");
    const size_t slash = written.find('/');
    const auto prefix = slash == std::string::npos
                            ? std::nullopt
                            : ParseInteger<int>(std::string_view(written).substr(slash + 1));
    if (!prefix || *prefix < 0 || *prefix > most) {
      return MakeError("must be ADDRESS/PREFIX, not \"{}\"", written);
    }
    const Address gateway = TRY(Address::Parse(written.substr(0, slash)));
    return GatewayOf{.gateway = gateway, .block = Cidr::Around(gateway, *prefix)};
  }
};
using Ipv4Gateway = GatewayOf<net::Ipv4, net::Ipv4Cidr>;
using Ipv6Gateway = GatewayOf<net::Ipv6, net::Ipv6Cidr>;

Result<net::Subnet> SubnetFromGateways(const ecs::wire::ElasticNetworkInterface& eni) {
  std::optional<Ipv4Gateway> ipv4;
  std::optional<Ipv6Gateway> ipv6;
  net::SubnetBlocks blocks;
  if (!eni.ipv4Addresses.empty()) {
    ipv4 = TRY(
        Ipv4Gateway::Parse(eni.subnetGatewayIpv4Address, 32).Context("subnetGatewayIpv4Address"));
    blocks.ipv4 = ipv4->block;
  }
  if (!eni.ipv6Addresses.empty()) {
    ipv6 = TRY(
        Ipv6Gateway::Parse(eni.subnetGatewayIpv6Address, 128).Context("subnetGatewayIpv6Address"));
    blocks.ipv6 = ipv6->block;
  }
  const std::string id = blocks.ipv4 ? blocks.ipv4->Format() : blocks.ipv6->Format();
  net::Subnet subnet = TRY(net::MakeSubnet(id, blocks));
  if (ipv4) subnet.gateway = ipv4->gateway;
  if (ipv6) subnet.ipv6Gateway = ipv6->gateway;
  return subnet;
}

Result<void> ReadAddresses(const ecs::wire::ElasticNetworkInterface& eni, GivenInterface& given) {
  const auto* ipv4 = Primary(eni.ipv4Addresses);
  const auto* ipv6 = Primary(eni.ipv6Addresses);
  if (ipv4 == nullptr && ipv6 == nullptr) {
    return MakeError("ipv4Addresses or ipv6Addresses: must hold an address");
  }
  if (ipv4 != nullptr) {
    given.address = TRY(net::Ipv4::Parse(ipv4->privateAddress).Context("ipv4Addresses"));
  }
  if (ipv6 != nullptr) {
    given.ipv6_address = TRY(net::Ipv6::Parse(ipv6->address).Context("ipv6Addresses"));
  }
  return {};
}

/// The subnet as the scheduler describes it, with the checks of a host's own. `seen`: what the
/// gateways tell of it, where a LAN's need not lie in the block.
Result<net::Subnet> SubnetOfScheduler(const ecs::wire::ElasticNetworkInterface& eni,
                                      const net::Subnet& seen) {
  const ecs::wire::BerthInterface& own = *eni.berthInterface;
  if (!own.parent.empty() && !net::IsInterfaceName(own.parent)) {
    return MakeError("parent: \"{}\" is no name of an interface", own.parent);
  }
  net::SubnetFields fields = {.subnetId = own.subnetId,
                              .lan = !own.parent.empty(),
                              .parent = own.parent,
                              .mtu = static_cast<int>(own.mtu),
                              .masquerade = own.masquerade};
  if (seen.cidrBlock) {
    fields.cidrBlock = own.cidrBlock.empty() ? seen.cidrBlock->Format() : own.cidrBlock;
    fields.gateways.ipv4 = seen.gateway.Format();
  }
  if (seen.ipv6CidrBlock) {
    fields.ipv6CidrBlock =
        own.ipv6CidrBlock.empty() ? seen.ipv6CidrBlock->Format() : own.ipv6CidrBlock;
    fields.gateways.ipv6 = seen.ipv6Gateway.Format();
  }
  return net::ToSubnet(fields);
}

Result<GivenInterface> ToInterface(const ecs::wire::ElasticNetworkInterface& eni) {
  GivenInterface given;
  TRY(ReadAddresses(eni, given));
  given.mac = TRY(net::MacAddress::Parse(eni.macAddress).Context("macAddress"));
  given.subnet.subnet = TRY(SubnetFromGateways(eni));
  given.subnet.dnsServers = eni.domainNameServers;
  if (!eni.berthInterface) return given;
  const ecs::wire::BerthInterface& own = *eni.berthInterface;
  given.subnet.subnet = TRY(SubnetOfScheduler(eni, given.subnet.subnet).Context("berthInterface"));
  for (const ecs::SecurityGroup& group : own.securityGroups) {
    TRY(ToNetGroup(group).Context("securityGroups"));
    given.groups.push_back(group);
  }
  return given;
}

}  // namespace

std::string TaskIdOf(const std::string& arn) {
  const std::string last = arn.substr(arn.find_last_of('/') + 1);
  return IsTaskId(last) ? last : ecs::Sha256Hex(arn).substr(0, 32);
}

std::string EndpointIdOf(const std::string& secret, const std::string& container) {
  std::string hex = ecs::Sha256Hex(fmt::format("endpoint {} {}", secret, container));
  hex[12] = '8';  // RFC 9562, version 8: made by a rule of one's own
  hex[16] = 'a';
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

std::string RuntimeIdOf(const std::string& task_id, const std::string& container) {
  return ecs::Sha256Hex(fmt::format("container {} {}", task_id, container));
}

std::string ServiceOf(const ecs::wire::AcsTask& order) {
  if (order.serviceName && !order.serviceName->empty()) return *order.serviceName;
  constexpr std::string_view kPrefix = "service:";
  const std::string group = order.group.value_or("");
  return group.starts_with(kPrefix) ? group.substr(kPrefix.size()) : "";
}

Result<ecs::TaskDefinition> DefinitionOf(const ecs::wire::AcsTask& order, const OrderFacts& facts) {
  ecs::TaskDefinition definition = TRY(ecs::wire::FromAcsTask(order));
  // The roles' credentials came with the order; the host has nothing else to do with roles.
  definition.taskRoleArn.reset();
  definition.executionRoleArn.reset();
  const std::vector<std::string> unsupported = FindUnsupported(definition);
  if (!unsupported.empty()) {
    return MakeError("not supported yet: {}", Join(unsupported, ", "));
  }
  for (ecs::ContainerDefinition& container : definition.containerDefinitions) {
    AddEnvironment(container, order, facts);
  }
  return definition;
}

Result<std::optional<GivenInterface>> InterfaceOf(const ecs::wire::AcsTask& order) {
  if (order.elasticNetworkInterfaces.empty()) return std::optional<GivenInterface>();
  return std::optional(TRY(
      ToInterface(order.elasticNetworkInterfaces.front()).Context("elasticNetworkInterfaces[0]")));
}

}  // namespace berth::agent::engine
