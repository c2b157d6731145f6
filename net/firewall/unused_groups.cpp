#include "net/firewall/unused_groups.h"

#include <algorithm>
#include <map>
#include <vector>

#include "net/nft/references.h"

namespace berth::net {
namespace {

// The chains and sets of groups are called GROUP.WHAT, those of several groups together
// groups_HASH.WHAT; nothing else in the table has a dot in its name.
bool IsOfGroups(const std::string& name) { return name.find('.') != std::string::npos; }
bool IsOfSeveral(const std::string& name) { return name.starts_with("groups_"); }
std::string GroupOf(const std::string& name) { return name.substr(0, name.find('.')); }

/// Everything that the used chains lead to, by their rules and those of where they lead.
std::set<std::string> Reachable(const std::vector<NftReference>& references,
                                const std::set<std::string>& used) {
  std::multimap<std::string, std::string> leads;
  for (const NftReference& reference : references) leads.emplace(reference.chain, reference.to);
  std::set<std::string> reached = used;
  std::vector<std::string> next(used.begin(), used.end());
  while (!next.empty()) {
    const std::string chain = std::move(next.back());
    next.pop_back();
    const auto [first, last] = leads.equal_range(chain);
    for (auto lead = first; lead != last; ++lead) {
      if (reached.insert(lead->second).second) next.push_back(lead->second);
    }
  }
  return reached;
}

}  // namespace

Result<void> RemoveUnusedGroups(NftBatch& batch, NetlinkSocket& socket,
                                const std::set<std::string>& used) {
  std::vector<std::string> chains = TRY(ListNftChains(socket));
  const bool all_used = std::all_of(chains.begin(), chains.end(), [&](const std::string& name) {
    return !IsOfSeveral(name) || used.contains(name);
  });
  if (all_used) return {};
  const std::set<std::string> reached = Reachable(TRY(ListNftReferences(socket)), used);
  std::erase_if(chains, [](const std::string& name) { return !IsOfGroups(name); });
  std::set<std::string> groups;  // that stay
  for (const std::string& chain : chains) {
    if (reached.contains(chain)) groups.insert(GroupOf(chain));
  }
  std::erase_if(chains, [&](const std::string& name) { return groups.contains(GroupOf(name)); });
  // All rules first: a chain or set that one of them leads to can't be removed.
  for (const std::string& chain : chains) batch.FlushChain(chain);
  for (const std::string& chain : chains) batch.DeleteChain(chain);
  for (const std::string& set : TRY(ListNftSets(socket))) {
    if (IsOfGroups(set) && !reached.contains(set) && !groups.contains(GroupOf(set))) {
      batch.DeleteSet(set);
    }
  }
  return {};
}

}  // namespace berth::net
