#include "net/cni/config_subnets.h"

#include <utility>

namespace berth::net::cni {
namespace {

constexpr int kLeastMtu = 68;  // RFC 791, 3.2

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
  return WithGateways(std::move(subnet), {.ipv4 = fields.gateway, .ipv6 = fields.ipv6Gateway});
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
