// The way to published ports that the host's own input rules are to be asked about.
//
// What is redirected to a task is forwarded, so the kernel does not ask the host's input rules,
// where people close ports. Such ports are not redirected as they come in:
//
//   uplink --> prerouting --> input: the host's rules, whoever wrote them
//                               | passed them all; the first packet of a flow
//                               v
//                             its copy into berthin0, and the packet itself is dropped
//   berthin1 <------------------+
//      +-----> prerouting: redirected as any published port --> forward --> the task
//
// The copy has the client's address, nothing of it goes through a program, and the flow's next
// packets follow the kernel's memory of it. nf_tables copies in tables of one family alone, so
// there is a small one for each beside `inet berth`; while they are missing such ports lead
// nowhere. From tasks and the host itself the ports are redirected at once.
#pragma once

#include <string>

#include "base/result.h"
#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {

/// The end of the pair at which copies come out.
inline constexpr const char* kInputWayEnd = "berthin1";

/// Makes the pair and the tables, or what is missing of them, in the thread's network namespace.
/// Fails where net.ipv4.conf.all.rp_filter is 1, which would drop the copies.
Result<void> OpenInputWay();
/// Removes them; what is not there is no error.
Result<void> CloseInputWay(NetlinkSocket& netfilter);

/// The chain of `inet berth` that marks what is to be copied.
void WriteInputWay(NftBatch& batch);
/// Removes it, if it is there.
Result<void> RemoveInputWay(NftBatch& batch, NetlinkSocket& netfilter);
/// Whether messages write it.
bool WritesInputWay(const std::vector<NetlinkMessage>& messages);

}  // namespace berth::net
