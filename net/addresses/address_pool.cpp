#include "net/addresses/address_pool.h"

#include <algorithm>

namespace berth::net {
namespace {

// The network itself, the router, the DNS server and one for the future: docs.aws.amazon.com/vpc/
// latest/userguide/subnet-sizing.html. The last address is the broadcast address.
constexpr uint64_t kReserved = 4;

/// The addresses of a block that can be given, by their distance from its first.
class Span {
 public:
  static Span Of(const Subnet& subnet, IpFamily family) {
    if (family == IpFamily::kIpv4) {
      const Ipv4Cidr& block = *subnet.cidrBlock;
      const uint64_t size = uint64_t{block.Broadcast().number()} - block.Network().number() + 1;
      return Span(block.Network(), subnet.gateway, block.Format(), size - 1);
    }
    const Ipv6Cidr& block = *subnet.ipv6CidrBlock;
    const uint64_t size = uint64_t{1} << std::min(128 - block.prefix(), 32);
    return Span(block.Network(), subnet.ipv6Gateway, block.Format(), size);
  }

  uint64_t first() const { return kReserved; }
  uint64_t last() const { return end_ - 1; }
  bool empty() const { return end_ <= kReserved; }
  const std::string& block() const { return block_; }
  bool IsGateway(uint64_t distance) const { return At(distance) == gateway_; }
  IpAddress At(uint64_t distance) const {
    if (network_.IsIpv4()) return network_.ipv4() + static_cast<uint32_t>(distance);
    return network_.ipv6() + distance;
  }
  /// Nothing if it is none of these.
  std::optional<uint64_t> DistanceOf(const IpAddress& address) const {
    if (empty() || address < At(first()) || address > At(last())) return std::nullopt;
    // The last 32 bits tell: no span is longer.
    const std::string here = address.Bytes();
    const std::string start = network_.Bytes();
    uint32_t distance = 0;
    for (size_t i = here.size() - 4; i < here.size(); ++i) {
      distance = distance << 8 | static_cast<uint8_t>(here[i] - start[i]);
    }
    return distance;
  }

 private:
  Span(IpAddress network, IpAddress gateway, std::string block, uint64_t end)
      : network_(network), gateway_(gateway), block_(std::move(block)), end_(end) {}

  IpAddress network_;
  IpAddress gateway_;
  std::string block_;
  uint64_t end_;  // one behind the last
};

}  // namespace

uint64_t UsableAddresses(const Subnet& subnet, IpFamily family) {
  const Span span = Span::Of(subnet, family);
  if (span.empty()) return 0;
  const uint64_t all = span.last() - span.first() + 1;
  const IpAddress gateway =
      family == IpFamily::kIpv4 ? IpAddress(subnet.gateway) : IpAddress(subnet.ipv6Gateway);
  return all - (span.DistanceOf(gateway) ? 1 : 0);
}

Result<IpAddress> PickAddress(const Subnet& subnet, IpFamily family, const AddressUse& use) {
  const Span span = Span::Of(subnet, family);
  if (span.empty()) {
    return MakeError("subnet {} ({}) is too small to have any address to give", subnet.subnetId,
                     span.block());
  }
  uint64_t candidate = span.last();
  if (use.lastGiven) candidate = span.DistanceOf(*use.lastGiven).value_or(candidate);
  // Each one that is taken is passed once: no more than that many and the gateway are in the way.
  const uint64_t most = use.used.size() + use.cooling.size() + 2;
  for (uint64_t tried = 0; tried < most; ++tried) {
    candidate = candidate == span.last() ? span.first() : candidate + 1;
    if (span.IsGateway(candidate)) continue;
    const IpAddress address = span.At(candidate);
    if (!use.used.contains(address) && !use.cooling.contains(address)) return address;
  }
  const auto cooling =
      std::count_if(use.cooling.begin(), use.cooling.end(),
                    [&](const IpAddress& address) { return span.DistanceOf(address).has_value(); });
  return MakeError(
      "subnet {} ({}) has no free address: {} can be given, {} of them are resting after use. "
      "Stop tasks, wait for those to come back, or use a larger {}",
      subnet.subnetId, span.block(), UsableAddresses(subnet, family), cooling,
      family == IpFamily::kIpv4 ? "cidrBlock" : "ipv6CidrBlock");
}

}  // namespace berth::net
