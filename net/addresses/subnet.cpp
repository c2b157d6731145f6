#include "net/addresses/subnet.h"

#include <initializer_list>
#include <type_traits>
#include <utility>

#include "base/text.h"

namespace berth::net {
namespace {

struct PrefixRange {
  int least;
  int most;
};

constexpr std::initializer_list<const char*> kUnusableIpv4 = {
    // RFC 6890: this network, loopback, link-local, multicast and reserved.
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"};
constexpr std::initializer_list<const char*> kUnusableIpv6 = {
    // Unspecified, loopback and mapped addresses, link-local, multicast, instance metadata.
    "::/8", "fe80::/10", "ff00::/8", "fd00:ec2::/32"};

/// Fails if the prefix is outside the range or the block meets an unusable one.
template <typename Cidr>
Result<void> CheckBlock(const std::string& subnet_id, const Cidr& block, PrefixRange prefixes,
                        std::initializer_list<const char*> unusable) {
  if (block.prefix() < prefixes.least || block.prefix() > prefixes.most) {
    return MakeError("subnet {}: {} must have a prefix of {} to {}", subnet_id, block.Format(),
                     prefixes.least, prefixes.most);
  }
  for (const char* reserved : unusable) {
    if (Overlap(block, TRY(Cidr::Parse(reserved)))) {
      return MakeError("subnet {}: {} lies in {}, which no interface can have", subnet_id,
                       block.Format(), reserved);
    }
  }
  return {};
}

template <typename Address, typename Cidr>
bool IsHostIn(const Cidr& block, const Address& address) {
  bool is_host = block.Contains(address) && address != block.Network();
  if constexpr (std::is_same_v<Address, Ipv4>) is_host = is_host && address != block.Broadcast();
  return is_host;
}

/// Whether an interface can have it at all.
template <typename Cidr, typename Address>
Result<bool> IsUsable(const Address& address, std::initializer_list<const char*> unusable) {
  for (const char* reserved : unusable) {
    if (TRY(Cidr::Parse(reserved)).Contains(address)) return false;
  }
  return true;
}

/// The gateway that was asked for.
template <typename Address, typename Cidr>
Result<Address> ToGateway(const Subnet& subnet, const std::optional<Cidr>& block,
                          const std::string& text, std::initializer_list<const char*> unusable) {
  const Address gateway = TRY(Address::Parse(text));
  if (!block) return MakeError("{} is the gateway of a block that is not given", text);
  const bool inside = block->Contains(gateway);
  if (subnet.IsOnLan() && !inside && TRY(IsUsable<Cidr>(gateway, unusable))) return gateway;
  if (IsHostIn(*block, gateway)) return gateway;
  if (subnet.IsOnLan() && !inside) return MakeError("{} is no address of a router", text);
  return MakeError("{} is no host's address in {}", text, block->Format());
}

}  // namespace

std::string Subnet::FormatBlocks() const {
  std::vector<std::string> blocks;
  if (cidrBlock) blocks.push_back(cidrBlock->Format());
  if (ipv6CidrBlock) blocks.push_back(ipv6CidrBlock->Format());
  return Join(blocks, " and ");
}

Result<Subnet> MakeSubnet(std::string subnet_id, const SubnetBlocks& blocks) {
  if (!blocks.ipv4 && !blocks.ipv6) {
    return MakeError("subnet {} has neither an IPv4 nor an IPv6 block", subnet_id);
  }
  Subnet subnet = {.cidrBlock = blocks.ipv4, .ipv6CidrBlock = blocks.ipv6};
  if (blocks.ipv4) {
    TRY(CheckBlock(subnet_id, *blocks.ipv4, {.least = 8, .most = 28}, kUnusableIpv4));
    subnet.gateway = blocks.ipv4->Network() + 1;
  }
  if (blocks.ipv6) {
    TRY(CheckBlock(subnet_id, *blocks.ipv6, {.least = 32, .most = 112}, kUnusableIpv6));
    subnet.ipv6Gateway = blocks.ipv6->Network() + 1;
  }
  subnet.subnetId = std::move(subnet_id);
  return subnet;
}

Result<Subnet> MakeSubnet(std::string subnet_id, Ipv4Cidr block) {
  return MakeSubnet(std::move(subnet_id), {.ipv4 = block});
}

Result<Subnet> WithGateways(Subnet subnet, const GatewayTexts& gateways) {
  if (const auto& text = gateways.ipv4) {
    subnet.gateway =
        TRY(ToGateway<Ipv4>(subnet, subnet.cidrBlock, *text, kUnusableIpv4).Context("gateway"));
  }
  if (const auto& text = gateways.ipv6) {
    subnet.ipv6Gateway = TRY(
        ToGateway<Ipv6>(subnet, subnet.ipv6CidrBlock, *text, kUnusableIpv6).Context("ipv6Gateway"));
  }
  return subnet;
}

Subnet DefaultBridgeSubnet() {
  // Its parts are constants that MakeSubnet accepts; the tests hold that.
  return *MakeSubnet("bridge", *Ipv4Cidr::Parse("172.31.240.0/20"));
}

Subnet EndpointSubnet() {
  const Ipv4Cidr block = Ipv4Cidr::Around(Ipv4(0xa9feac00), 22);
  return {.subnetId = "endpoint", .cidrBlock = block, .gateway = block.Network() + 1};
}

}  // namespace berth::net
