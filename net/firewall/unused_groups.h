// Group chains and sets that no attachment uses any more.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {

/// Adds to `batch` the removal of every group's chains and sets that none of the `used` chains (of
/// the attachments that stay) leads to. In the transaction that removes the last user, or a death
/// in between would leave them for as long as there is any task.
Result<void> RemoveUnusedGroups(NftBatch& batch, NetlinkSocket& socket,
                                const std::set<std::string>& used);

}  // namespace berth::net
