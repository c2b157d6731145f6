// How many flows an attachment may have open at once: those that it began, and, counted apart,
// those that others began to it. A table of flows that is full would refuse everybody's.
//
//   postrouting, input  from a task, for the interface that it came in by
//   postrouting         to a task, for the one that it leaves by
//
// Only a flow's first packet that everything before has let through is counted: the others are not
// even looked at. The kernel (connlimit) goes through a list of flows for each new one. So an
// interface's are in parts of about 128, told by a hash of addresses and ports: the elements of
// kFlowsOut and kFlowsIn, which packets make and which go when their flows have gone. A part that
// is full is noted in kFullOut or kFullIn for a moment, so that a flood costs a lookup a packet and
// no counting: the kernel's list takes up what is over the limit as well.
#pragma once

#include <cstdint>

#include "net/nft/batch.h"

namespace berth::net {

/// What Attachment::flowLimit may be.
inline constexpr uint32_t kLeastFlowLimit = 16;
inline constexpr uint32_t kMostFlowLimit = 1 << 24;

/// An eighth of what the kernel's table takes (nf_conntrack_max), at least 1,024; 8,192 if it
/// doesn't say.
uint32_t DefaultFlowLimit();

/// The sets, hooks and chains, with this limit.
void WriteFlowLimits(NftBatch& batch, uint32_t limit);
/// The limit alone, where all that is there. Parts that have flows by then keep the one they had.
void ChangeFlowLimit(NftBatch& batch, uint32_t limit);

}  // namespace berth::net
