// The first thing that happens to what a task sends: whose it is.
#pragma once

#include "net/nft/batch.h"

namespace berth::net {

/// Writes the chain `source_check`. Only IPv4 and IPv6 pass, with the interface's own MAC and one
/// of its own addresses. Neighbour discovery never passes: both ends have permanent neighbours, so
/// there is nothing that an honest task would have to say, and no router to be played.
void WriteSourceCheck(NftBatch& batch);

}  // namespace berth::net
