// One element of a set or map of the table `inet berth`, looked up by its key: as quick in a large
// set as in a small one.
#pragma once

#include "base/result.h"
#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {

/// Whether the set has an element of this key with this comment. No such set, no element.
Result<bool> HasNftElement(NetlinkSocket& socket, const NftElement& element);

}  // namespace berth::net
