#include "ecs/prefix_list.h"

#include <netinet/in.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "ecs/permission_rules.h"
#include "ecs/read.h"

namespace berth::ecs {
namespace {

// EC2's quota.
constexpr int64_t kMostEntries = 1000;

void CheckList(const ManagedPrefixList& list, const Place& at) {
  if (at.CheckGiven("PrefixListId", list.PrefixListId) && !IsMadeOf(list.PrefixListId, "-.")) {
    at["PrefixListId"].Complain("must be an id as pl-0123abcd, not {}",
                                QuoteJson(list.PrefixListId));
  }
  const bool ipv4 = list.AddressFamily == "IPv4";
  if (!ipv4 && list.AddressFamily != "IPv6") {
    at["AddressFamily"].Complain("must be IPv4 or IPv6, not {}", QuoteJson(list.AddressFamily));
    return;
  }
  if (list.MaxEntries) at["MaxEntries"].CheckRange(*list.MaxEntries, 1, kMostEntries);
  const auto most = static_cast<size_t>(list.MaxEntries.value_or(kMostEntries));
  if (list.Entries.size() > most) {
    at["Entries"].Complain("must be at most {}, not {}", most, list.Entries.size());
  }
  for (size_t i = 0; i < list.Entries.size(); ++i) {
    const Place entry = at["Entries"][i];
    CheckDescription(list.Entries[i].Description, entry);
    const std::string& cidr = list.Entries[i].Cidr;
    if (IsCidr(cidr, ipv4 ? CidrFamily::kIpv4 : CidrFamily::kIpv6)) continue;
    entry["Cidr"].Complain("must be an {} range as {}, not {}", list.AddressFamily,
                           ipv4 ? "10.0.0.0/8" : "fd00::/8", QuoteJson(cidr));
  }
}

class Expansion {
 public:
  Expansion(const std::vector<ManagedPrefixList>& lists) : lists_(lists) {}

  // Leaves what it has complained about as it was.
  void Expand(std::vector<IpPermission>& permissions, const Place& at) {
    for (size_t i = 0; i < permissions.size(); ++i) Expand(permissions[i], at[i]);
    RuleCount count = CountRules(permissions);
    count.ipv4 += spare_.ipv4;
    count.ipv6 += spare_.ipv6;
    if (count.ipv4 > kMostRulesOfFamily || count.ipv6 > kMostRulesOfFamily) {
      at.Complain(
          "must have at most {} rules for a family, not {}: a prefix list counts MaxEntries",
          kMostRulesOfFamily, std::max(count.ipv4, count.ipv6));
    }
  }

 private:
  void Expand(IpPermission& permission, const Place& at) {
    for (size_t i = 0; i < permission.PrefixListIds.size(); ++i) {
      const std::string& id = permission.PrefixListIds[i].PrefixListId;
      const Place place = at["PrefixListIds"][i]["PrefixListId"];
      const auto list = std::find_if(lists_.begin(), lists_.end(),
                                     [&](const auto& known) { return known.PrefixListId == id; });
      if (list == lists_.end()) {
        place.Complain("there is no prefix list {}", QuoteJson(id));
      } else {
        Add(permission, *list, place);
      }
    }
    permission.PrefixListIds.clear();
  }

  void Add(IpPermission& permission, const ManagedPrefixList& list, const Place& at) {
    const bool ipv4 = list.AddressFamily == "IPv4";
    const int other_icmp = ipv4 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP};
    if (ProtocolNumber(permission.IpProtocol) == other_icmp) {
      at.Complain("{} is a list of {}, which has no {}", list.PrefixListId, list.AddressFamily,
                  permission.IpProtocol);
      return;
    }
    for (const PrefixListEntry& entry : list.Entries) {
      if (ipv4) {
        permission.IpRanges.push_back({.CidrIp = entry.Cidr, .Description = entry.Description});
      } else {
        permission.Ipv6Ranges.push_back({.CidrIpv6 = entry.Cidr, .Description = entry.Description});
      }
    }
    const auto most = static_cast<size_t>(list.MaxEntries.value_or(0));
    const size_t room = std::max(most, list.Entries.size()) - list.Entries.size();
    (ipv4 ? spare_.ipv4 : spare_.ipv6) += room;
  }

  const std::vector<ManagedPrefixList>& lists_;
  RuleCount spare_;  // what lists count for and don't have
};

}  // namespace

Result<std::vector<ManagedPrefixList>> ParsePrefixLists(std::string_view json) {
  const Json document = TRY(ParseInput(json));
  JsonProblems problems;
  std::vector<ManagedPrefixList> lists;
  const JsonReader in(document, problems);
  Place at(problems);
  RefuseNul(in);
  const bool in_answer = in.IsObject() && document.contains("PrefixLists");
  const bool single = in.IsObject() && !in_answer;
  if (in_answer) {
    in.Read("PrefixLists", lists);
    in.RefuseOtherFields();
    at = at["PrefixLists"];
  } else if (single) {
    ReadJson(in, lists.emplace_back());
  } else {
    ReadJson(in, lists);
  }
  TRY(problems.Check());
  std::set<std::string_view> ids;
  for (size_t i = 0; i < lists.size(); ++i) {
    const Place place = single ? at : at[i];
    CheckList(lists[i], place);
    if (!ids.insert(lists[i].PrefixListId).second) {
      place["PrefixListId"].Complain("is given twice");
    }
  }
  TRY(problems.Check());
  return lists;
}

Result<SecurityGroup> ExpandPrefixLists(SecurityGroup group,
                                        const std::vector<ManagedPrefixList>& lists) {
  JsonProblems problems;
  const Place at(problems);
  Expansion(lists).Expand(group.IpPermissions, at["IpPermissions"]);
  Expansion(lists).Expand(group.IpPermissionsEgress, at["IpPermissionsEgress"]);
  TRY(problems.Check().Context("{}", group.GroupId));
  return group;
}

}  // namespace berth::ecs
