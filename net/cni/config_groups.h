// The security groups of a network's configuration, in the shape of the EC2 API.
#pragma once

#include <vector>

#include "base/json.h"
#include "net/firewall/security_group.h"

namespace berth::net::cni {

/// The groups of a list, each under its FirewallGroupId, as are those that their rules refer to.
/// `prefix_lists`: EC2's prefix lists that rules may refer to, or null.
/// Fails by the JSON path, and for more groups than an interface may have.
Result<std::vector<SecurityGroup>> ReadGroups(const Json& list, const Json& prefix_lists);

/// Tells whether a group is defined as it was, by a short text.
std::string Digest(const SecurityGroup& group);

}  // namespace berth::net::cni
