// What the host serves to tasks at link-local addresses, whatever their groups say.
#pragma once

#include "net/addresses/ipv6.h"
#include "net/nft/batch.h"

namespace berth::net {

/// Whether there may be such a service at the address.
bool IsHostService(const IpAddress& address);

/// Writes the rules of the chain `from_task` that let tasks to the services, if they were
/// redirected there and the host has such an address: without its program a service is refused with
/// the other link-local addresses, by the rules after these.
void AcceptHostServices(NftBatch& batch, const char* from_task);

}  // namespace berth::net
