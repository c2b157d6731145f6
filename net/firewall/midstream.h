// TCP connections whose beginning the firewall has not seen.
#pragma once

#include <string>

#include "net/nft/batch.h"

namespace berth::net {

/// Drops, in a chain that only new flows get to, TCP that does not begin a connection. The kernel
/// takes the middle of a connection for a new flow (nf_conntrack_tcp_loose), from whichever end
/// speaks first: one that was cut would come back as a flow of the other direction, whose rules may
/// allow it.
void DropMidstream(NftBatch& batch, const std::string& chain);

}  // namespace berth::net
