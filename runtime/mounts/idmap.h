// Mounts whose owners are shown as others: uidMappings and gidMappings of config.md, "Mounts".
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// A user namespace with these mappings, for MOUNT_ATTR_IDMAP (mount_setattr(2)). Nobody is in it:
/// it lasts as long as the descriptor, or a mount that uses it.
Result<UniqueFd> MakeIdmapNamespace(const std::vector<IdMapping>& uids,
                                    const std::vector<IdMapping>& gids);

}  // namespace berth::runtime
