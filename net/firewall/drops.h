// How many packets of each attachment were dropped: by its groups, and by the limit of flows.
//
// Sets with a counter in each element, looked into by the last rules of the chains that drop: what
// is let through pays nothing for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/ipv6.h"
#include "net/nft/batch.h"

namespace berth::net {

/// Makes the sets.
void WriteDropSets(NftBatch& batch);
/// The last rules of a chain for what attachments get (ingress) or send: counted, and dropped.
void DropCounted(NftBatch& batch, const std::string& chain, bool ingress);
/// What is in the sets for an attachment. `link`: its interface on the host. `addresses`: those by
/// which others reach it.
std::vector<NftElement> DropElements(const std::string& id, const std::string& link,
                                     const std::vector<IpAddress>& addresses);

/// Packets of either family, since the attachment was admitted or the table was last restored.
struct Drops {
  // Let through neither by a group nor by bridge mode.
  uint64_t ingress = 0;  // to it
  uint64_t egress = 0;   // from it
  // Let through, but a flow too many (flow_limits.h).
  uint64_t flows_in = 0;
  uint64_t flows_out = 0;
};
Result<Drops> ReadDrops(const std::string& attachment_id);

}  // namespace berth::net
