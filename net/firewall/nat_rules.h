// Addresses that are rewritten: published ports lead to tasks, tasks go out as the host.
#pragma once

#include "net/nft/batch.h"

namespace berth::net {

/// Writes the chains `publish`, `publish_to_host` and `masquerade`.
void WriteNat(NftBatch& batch);

}  // namespace berth::net
