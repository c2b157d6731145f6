// What an attachment has in the sets and maps of the table `inet berth`. Each element bears the
// attachment's id as its comment.
#pragma once

#include <vector>

#include "net/attachment.h"
#include "net/nft/batch.h"

namespace berth::net {

/// What its interface may send as.
std::vector<NftElement> PinsOf(const Attachment& attachment);

/// All else: the ways to and from it through the rules of its groups or of bridge mode, the sets
/// that its addresses are in, the counters of what is dropped, and its published ports.
std::vector<NftElement> PassagesOf(const Attachment& attachment);

}  // namespace berth::net
