// Which address of a subnet the next attachment gets. Who has which is the caller's to remember.
#pragma once

#include <optional>
#include <set>

#include "net/addresses/subnet.h"

namespace berth::net {

/// What is known of a subnet's addresses.
struct AddressUse {
  std::set<Ipv4> used;
  /// Freed so lately that peers and their firewalls may still take them for the last owner.
  std::set<Ipv4> cooling;
  /// Where the search goes on, so that an address comes round again as late as possible.
  std::optional<Ipv4> lastGiven;
};

/// The next free address. Never one that is used or cooling, the gateway, the first four or the
/// last (reserved in every AWS subnet). If none is left the error names the subnet and what to do.
Result<Ipv4> PickAddress(const Subnet& subnet, const AddressUse& use);

/// How many addresses of the subnet attachments can have at most.
uint32_t UsableAddresses(const Subnet& subnet);

}  // namespace berth::net
