// From EC2's way to write security groups to the firewall's.
#pragma once

#include "base/result.h"
#include "ecs/security_group.h"
#include "net/firewall/security_group.h"

namespace berth::agent {

/// One net::Rule for each peer of each permission. Refuses, by the JSON path in the group, what the
/// firewall has no answer to yet: IPv6 ranges and prefix lists.
Result<net::SecurityGroup> ToNetGroup(const ecs::SecurityGroup& group);

}  // namespace berth::agent
