#include "net/addresses/address_pool.h"

#include <algorithm>

namespace berth::net {
namespace {

// The network itself, the router, the DNS server and one for the future: docs.aws.amazon.com/vpc/
// latest/userguide/subnet-sizing.html. The last address is the broadcast address.
constexpr uint32_t kReservedAtStart = 4;

Ipv4 First(const Subnet& subnet) { return subnet.cidrBlock.Network() + kReservedAtStart; }
Ipv4 Last(const Subnet& subnet) { return Ipv4(subnet.cidrBlock.Broadcast().number() - 1); }
bool GatewayIsInRange(const Subnet& subnet) {
  return subnet.gateway >= First(subnet) && subnet.gateway <= Last(subnet);
}

}  // namespace

uint32_t UsableAddresses(const Subnet& subnet) {
  if (Last(subnet) < First(subnet)) return 0;
  const uint32_t all = Last(subnet).number() - First(subnet).number() + 1;
  return all - (GatewayIsInRange(subnet) ? 1 : 0);
}

Result<Ipv4> PickAddress(const Subnet& subnet, const AddressUse& use) {
  const Ipv4 first = First(subnet);
  const Ipv4 last = Last(subnet);
  if (last < first) {
    return MakeError("subnet {} ({}) is too small to have any address to give", subnet.subnetId,
                     subnet.cidrBlock.Format());
  }
  Ipv4 candidate = use.lastGiven.value_or(last);
  if (candidate < first || candidate > last) candidate = last;
  const uint64_t count = uint64_t{last.number()} - first.number() + 1;
  for (uint64_t tried = 0; tried < count; ++tried) {
    candidate = candidate == last ? first : candidate + 1;
    if (candidate == subnet.gateway) continue;
    if (!use.used.contains(candidate) && !use.cooling.contains(candidate)) return candidate;
  }
  const auto cooling = std::count_if(use.cooling.begin(), use.cooling.end(), [&](Ipv4 address) {
    return address >= first && address <= last;
  });
  return MakeError(
      "subnet {} ({}) has no free address: {} can be given, {} of them are resting after use. "
      "Stop tasks, wait for those to come back, or use a larger cidrBlock",
      subnet.subnetId, subnet.cidrBlock.Format(), UsableAddresses(subnet), cooling);
}

}  // namespace berth::net
