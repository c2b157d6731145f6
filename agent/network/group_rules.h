// From EC2's way to write security groups to the firewall's.
#pragma once

#include <vector>

#include "base/result.h"
#include "ecs/prefix_list.h"
#include "ecs/security_group.h"
#include "net/firewall/security_group.h"

namespace berth::agent {

/// One net::Rule for each peer of each permission; a prefix list is a rule for each of its entries.
/// Fails, by the JSON path in the group, for a list that is not in `lists` and for too many rules.
Result<net::SecurityGroup> ToNetGroup(const ecs::SecurityGroup& group,
                                      const std::vector<ecs::ManagedPrefixList>& lists = {});

}  // namespace berth::agent
