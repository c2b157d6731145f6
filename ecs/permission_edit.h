// Adding rules to a security group and taking them away, as AuthorizeSecurityGroupIngress and
// RevokeSecurityGroupIngress of the EC2 API do (and their twins for egress).
#pragma once

#include <vector>

#include "base/result.h"
#include "ecs/security_group.h"

namespace berth::ecs {

// A rule is a protocol, its ports and one peer, in EC2's canonical form: protocols by name, the
// bits behind a prefix cleared, no ports where the protocol has none. Two are the same if all but
// their descriptions is. Permissions are checked (CheckPermissions) before they come here.

/// Adds every rule of `added`, to the permission of the same protocol and ports if there is one.
/// Fails, and changes nothing, if one is there already or is named twice
/// (InvalidPermission.Duplicate).
Result<void> AuthorizePermissions(std::vector<IpPermission>& permissions,
                                  const std::vector<IpPermission>& added);

/// Takes every rule of `removed` away. Fails, and changes nothing, if one is not there
/// (InvalidPermission.NotFound).
Result<void> RevokePermissions(std::vector<IpPermission>& permissions,
                               const std::vector<IpPermission>& removed);

}  // namespace berth::ecs
