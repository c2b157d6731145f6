// Addresses of the host's own that only the host itself knows: on lo, of scope host.
#pragma once

#include "base/result.h"
#include "net/addresses/address.h"

namespace berth::net {

/// Gives lo the address in the network namespace of the calling thread. Repeating it is no error.
Result<void> AddLocalAddress(Ipv4 address);
/// Takes it away; one that is not there is no error.
Result<void> RemoveLocalAddress(Ipv4 address);

}  // namespace berth::net
