// Security groups as nftables chains.
//
// A group is two chains of its rules (at most sixty of a family each, so that what a new connection
// costs stays bounded) and a set of its members' addresses for each family. The groups of an
// attachment together are two more chains that try each group in turn and then drop; attachments
// with the same groups share them. They go with the last attachment that uses them
// (unused_groups.h).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "net/firewall/security_group.h"
#include "net/firewall/written_chains.h"
#include "net/nft/batch.h"

namespace berth::net {

/// What writes the chains of every group and of all together, replacing what was there: each
/// group's are a part, and those of all.
std::vector<ChainPart> GroupParts(const std::vector<SecurityGroup>& groups);

/// Writes the chains of one group's rules, replacing what was there.
void WriteGroupRules(NftBatch& batch, const SecurityGroup& group);
/// The names of these chains.
std::set<std::string> RuleChains(const std::string& group_id);

/// The chains that decide on new connections to and from an attachment with these groups.
std::string IngressChain(const std::vector<SecurityGroup>& groups);
std::string EgressChain(const std::vector<SecurityGroup>& groups);
/// The set of the addresses of one family that a group's members have.
std::string MemberSet(const std::string& group_id, IpFamily family);

}  // namespace berth::net
