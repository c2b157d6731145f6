// What is in the table `inet berth`, as far as one can tell whether something is missing.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

struct NftContents {
  /// Chains, each with the number of its rules.
  std::map<std::string, int> chains;
  /// Sets and maps, but for those that packets fill. (They are there as long as the rules are.)
  std::set<std::string> sets;
  /// Elements by set and key, and how to call them: "10.9.0.5 of ingress".
  std::map<std::pair<std::string, std::string>, std::string> elements;
};

/// What is there once these changes have been made to nothing.
NftContents ContentsAfter(const std::vector<NetlinkMessage>& changes);
/// What is there. Nothing at all without the table.
Result<NftContents> ReadContents(NetlinkSocket& socket);

/// What `wanted` has and `there` has not, or `there` has more of, in words: "the chain forward",
/// "2 rules of input", "10.9.0.5 of ingress".
std::vector<std::string> Differences(const NftContents& wanted, const NftContents& there);

}  // namespace berth::net
