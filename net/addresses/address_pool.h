// Which addresses of a subnet the next attachment gets. Who has which is the caller's to remember.
#pragma once

#include <optional>
#include <set>

#include "net/addresses/subnet.h"

namespace berth::net {

/// What is known of a subnet's addresses of one family.
struct AddressUse {
  std::set<IpAddress> used;
  /// Freed so lately that peers and their firewalls may still take them for the last owner.
  std::set<IpAddress> cooling;
  /// Where the search goes on, so that an address comes round again as late as possible.
  std::optional<IpAddress> lastGiven;
};

/// The next free address of the family, of which the subnet has a block. Never one that is used or
/// cooling, the gateway, the first four or the last of IPv4 (reserved in every AWS subnet). If none
/// is left the error names the subnet and what to do.
Result<IpAddress> PickAddress(const Subnet& subnet, IpFamily family, const AddressUse& use);

/// How many addresses of the family attachments can have at most; of IPv6 no more than 2^32.
uint64_t UsableAddresses(const Subnet& subnet, IpFamily family);

}  // namespace berth::net
