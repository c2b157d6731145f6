#include "net/cni/config_subnets.h"

namespace berth::net::cni {
namespace {

constexpr int kLeastMtu = 68;  // RFC 791, 3.2

Result<Subnet> ToSubnet(const SubnetFields& fields, const NetworkTraits& traits) {
  const Ipv4Cidr block = TRY(Ipv4Cidr::Parse(fields.cidrBlock).Context("cidrBlock"));
  Subnet subnet = TRY(MakeSubnet(traits.name, block));
  subnet.mtu = traits.mtu;
  subnet.masquerade = traits.masquerade ? Masquerade::kOutsideHost : Masquerade::kNever;
  if (fields.gateway.empty()) return subnet;
  subnet.gateway = TRY(Ipv4::Parse(fields.gateway).Context("gateway"));
  if (!block.Contains(subnet.gateway) || subnet.gateway == block.Network() ||
      subnet.gateway == block.Broadcast()) {
    return MakeError("gateway: {} is no host's address in {}", fields.gateway, block.Format());
  }
  return subnet;
}

}  // namespace

void ReadJson(const JsonReader& in, SubnetFields& out) {
  in.Require("cidrBlock", out.cidrBlock);
  in.Read("gateway", out.gateway);
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
      if (subnet.cidrBlock.Contains(other.cidrBlock.Network()) ||
          other.cidrBlock.Contains(subnet.cidrBlock.Network())) {
        return MakeError("subnets[{}].cidrBlock: {} overlaps {}", i, subnet.cidrBlock.Format(),
                         other.cidrBlock.Format());
      }
    }
    subnets.push_back(std::move(subnet));
  }
  return subnets;
}

Result<std::vector<Ipv4Cidr>> ToRoutes(const std::vector<RouteFields>& fields) {
  if (fields.empty()) return std::vector<Ipv4Cidr>{Ipv4Cidr()};
  std::vector<Ipv4Cidr> routes;
  for (size_t i = 0; i < fields.size(); ++i) {
    routes.push_back(TRY(Ipv4Cidr::Parse(fields[i].dst).Context("routes[{}].dst", i)));
  }
  return routes;
}

}  // namespace berth::net::cni
