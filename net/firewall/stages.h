// The stages of a new connection of a task: what it may send, then what the other may get.
#pragma once

#include "net/nft/batch.h"

namespace berth::net {

/// Writes the chains `from_task`, `admitted` and `to_task`: known connections pass, the host's
/// services are open, metadata addresses are refused, the rest is for the rules of the sender and,
/// if that is a task as well, of the receiver.
void WriteStages(NftBatch& batch);

/// Writes the rules of attachments without groups: open to each other, to the host and to what
/// comes by published ports, and free to go anywhere.
void WriteBridgePolicy(NftBatch& batch);

}  // namespace berth::net
