// What is always in the table `inet berth`: its sets, its chains and their rules.
#pragma once

#include "net/nft/batch.h"

namespace berth::net {

/// Makes all of it, or brings the rules of an existing table to this layout and leaves its
/// elements.
void WriteLayout(NftBatch& batch);

}  // namespace berth::net
