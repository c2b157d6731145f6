#include "net/cni/config_subnets.h"

namespace berth::net::cni {
namespace {

constexpr int kLeastMtu = 68;  // RFC 791, 3.2

/// The gateway that was asked for, if one was.
template <typename Address, typename Cidr>
Result<Address> ToGateway(const std::optional<std::string>& text, const std::optional<Cidr>& block,
                          Address otherwise) {
  if (!text) return otherwise;
  const Address gateway = TRY(Address::Parse(*text));
  if (!block) return MakeError("{} is the gateway of a block that is not given", *text);
  bool is_host = block->Contains(gateway) && gateway != block->Network();
  if constexpr (std::is_same_v<Address, Ipv4>) is_host = is_host && gateway != block->Broadcast();
  if (!is_host) return MakeError("{} is no host's address in {}", *text, block->Format());
  return gateway;
}

Result<Subnet> ToSubnet(const SubnetFields& fields, const NetworkTraits& traits) {
  SubnetBlocks blocks;
  if (fields.cidrBlock) {
    blocks.ipv4 = TRY(Ipv4Cidr::Parse(*fields.cidrBlock).Context("cidrBlock"));
  }
  if (fields.ipv6CidrBlock) {
    blocks.ipv6 = TRY(Ipv6Cidr::Parse(*fields.ipv6CidrBlock).Context("ipv6CidrBlock"));
  }
  Subnet subnet = TRY(MakeSubnet(traits.name, blocks));
  subnet.mtu = traits.mtu;
  subnet.masquerade = traits.masquerade ? Masquerade::kOutsideHost : Masquerade::kNever;
  subnet.gateway =
      TRY(ToGateway(fields.gateway, subnet.cidrBlock, subnet.gateway).Context("gateway"));
  subnet.ipv6Gateway = TRY(ToGateway(fields.ipv6Gateway, subnet.ipv6CidrBlock, subnet.ipv6Gateway)
                               .Context("ipv6Gateway"));
  return subnet;
}

}  // namespace

void ReadJson(const JsonReader& in, SubnetFields& out) {
  in.Read("cidrBlock", out.cidrBlock);
  in.Read("ipv6CidrBlock", out.ipv6CidrBlock);
  in.Read("gateway", out.gateway);
  in.Read("ipv6Gateway", out.ipv6Gateway);
  in.RefuseOtherFields();
}

void ReadJson(const JsonReader& in, RouteFields& out) {
  in.Require("dst", out.dst);
  in.RefuseOtherFields();
}

Result<std::vector<Subnet>> ToSubnets(const std::vector<SubnetFields>& fields,
                                      const NetworkTraits& traits) {
  if (fields.empty()) return MakeError("subnets: must have at least one");
  if (traits.mtu != 0 && traits.mtu < kLeastMtu) {
    return MakeError("mtu: must be 0 or at least {}, not {}", kLeastMtu, traits.mtu);
  }
  std::vector<Subnet> subnets;
  for (size_t i = 0; i < fields.size(); ++i) {
    Subnet subnet = TRY(ToSubnet(fields[i], traits).Context("subnets[{}]", i));
    for (const Subnet& other : subnets) {
      if (Overlap(subnet.cidrBlock, other.cidrBlock) ||
          Overlap(subnet.ipv6CidrBlock, other.ipv6CidrBlock)) {
        return MakeError("subnets[{}]: {} overlaps {}", i, subnet.FormatBlocks(),
                         other.FormatBlocks());
      }
    }
    subnets.push_back(std::move(subnet));
  }
  return subnets;
}

Result<std::vector<IpBlock>> ToRoutes(const std::vector<RouteFields>& fields) {
  if (fields.empty()) return std::vector<IpBlock>{Ipv4Cidr(), Ipv6Cidr()};
  std::vector<IpBlock> routes;
  for (size_t i = 0; i < fields.size(); ++i) {
    routes.push_back(TRY(IpBlock::Parse(fields[i].dst).Context("routes[{}].dst", i)));
  }
  return routes;
}

}  // namespace berth::net::cni
