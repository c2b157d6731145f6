// Managed prefix lists in the shape of the EC2 API: named lists of address ranges that the rules of
// security groups refer to. An entry's rule is what the list's reference is, so both families have
// lists of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ecs/security_group.h"

namespace berth::ecs {

struct PrefixListEntry {
  /// As "10.0.0.0/8" or "fd00::/8".
  std::string Cidr;
  std::optional<std::string> Description;

  bool operator==(const PrefixListEntry&) const = default;
};

struct ManagedPrefixList {
  std::string PrefixListId;
  std::string PrefixListName;
  /// "IPv4" or "IPv6".
  std::string AddressFamily;
  /// How many rules a reference counts for; absent: as many as there are entries.
  std::optional<int64_t> MaxEntries;
  std::vector<PrefixListEntry> Entries;
  std::optional<std::string> PrefixListArn;
  std::optional<std::string> State;
  std::optional<std::string> OwnerId;
  std::optional<int64_t> Version;
  std::vector<Ec2Tag> Tags;

  bool operator==(const ManagedPrefixList&) const = default;
};

/// Reads a list of prefix lists, `{"PrefixLists": [...]}` or one. Fails with every problem found,
/// one a line.
Result<std::vector<ManagedPrefixList>> ParsePrefixLists(std::string_view json);

/// The group with the entries of the lists in place of its PrefixListIds. Fails, by the JSON path
/// in the group, for a list that is not among `lists`, one of a family that the permission's
/// protocol has not, and for more rules than EC2 allows (a list counts MaxEntries).
Result<SecurityGroup> ExpandPrefixLists(SecurityGroup group,
                                        const std::vector<ManagedPrefixList>& lists);

}  // namespace berth::ecs
