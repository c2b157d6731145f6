#include "net/addresses/subnet_fields.h"

#include "net/name.h"

namespace berth::net {
namespace {

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
  if (parent && parent->IsString() && !IsInterfaceName(out.parent)) {
    parent->Complain(
        fmt::format("must be an interface of the host such as eth0, not \"{}\"", out.parent),
        JsonFault::kValue);
  }
}

// What the protocols need at least (RFC 791, RFC 8200).
Result<void> CheckMtu(const SubnetFields& fields) {
  const int least = fields.ipv6CidrBlock.empty() ? 576 : 1280;
  if (fields.mtu == 0 || (fields.mtu >= least && fields.mtu <= 65'535)) return {};
  return MakeError("mtu: must be from {} to 65535, or 0 for the host's, not {}", least, fields.mtu);
}

// Fails if the two have addresses in common.
template <typename Cidr>
Result<void> CheckApart(const char* field, const std::optional<Cidr>& a,
                        const std::optional<Cidr>& b, const std::string& other) {
  if (!Overlap(a, b)) return {};
  return MakeError("{}: {} overlaps {} of {}", field, a->Format(), b->Format(), other);
}

Result<void> CheckApart(const Subnet& subnet, const std::vector<Subnet>& others) {
  for (const Subnet& other : others) {
    if (other.subnetId == subnet.subnetId) {
      return MakeError("subnetId: {} is given twice", subnet.subnetId);
    }
    TRY(CheckApart("cidrBlock", subnet.cidrBlock, other.cidrBlock, other.subnetId));
    TRY(CheckApart("ipv6CidrBlock", subnet.ipv6CidrBlock, other.ipv6CidrBlock, other.subnetId));
  }
  return {};
}

}  // namespace

SubnetFields DefaultSubnetFields() {
  return {.subnetId = "subnet-default", .cidrBlock = "172.31.0.0/20"};
}

void ReadSubnetFields(const JsonReader& in, SubnetFields& out) {
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
}

void ReadJson(const JsonReader& in, SubnetFields& out) {
  ReadSubnetFields(in, out);
  in.RefuseOtherFields();
}

Result<SubnetBlocks> ToBlocks(const std::string& ipv4, const std::string& ipv6) {
  SubnetBlocks blocks;
  if (!ipv4.empty()) blocks.ipv4 = TRY(Ipv4Cidr::Parse(ipv4).Context("cidrBlock"));
  if (!ipv6.empty()) blocks.ipv6 = TRY(Ipv6Cidr::Parse(ipv6).Context("ipv6CidrBlock"));
  return blocks;
}

Result<Subnet> ToSubnet(const SubnetFields& fields) {
  Subnet subnet =
      TRY(MakeSubnet(fields.subnetId, TRY(ToBlocks(fields.cidrBlock, fields.ipv6CidrBlock))));
  subnet.parent = fields.parent;
  subnet = TRY(WithGateways(std::move(subnet), fields.gateways));
  TRY(CheckMtu(fields));
  subnet.mtu = fields.mtu;
  const bool masquerade = fields.masquerade.value_or(!fields.lan);
  subnet.masquerade = masquerade ? Masquerade::kOutsideHost : Masquerade::kNever;
  for (const std::string& server : fields.dnsServers) {
    TRY(IpAddress::Parse(server).Context("dnsServers"));
  }
  return subnet;
}

Result<std::vector<Subnet>> ToSubnets(const std::vector<SubnetFields>& fields) {
  std::vector<Subnet> subnets;
  for (size_t i = 0; i < fields.size(); ++i) {
    Subnet subnet = TRY(ToSubnet(fields[i]).Context("subnets[{}]", i));
    TRY(CheckApart(subnet, subnets).Context("subnets[{}]", i));
    subnets.push_back(std::move(subnet));
  }
  return subnets;
}

}  // namespace berth::net
