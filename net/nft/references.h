// What leads where in the table `inet berth`: its chains, and the chains and sets that rules name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// The names of its chains.
Result<std::vector<std::string>> ListNftChains(NetlinkSocket& socket);

/// The comment of a chain; nothing if there is no such chain.
Result<std::optional<std::string>> FindNftChain(NetlinkSocket& socket, const std::string& chain);
/// How many jumps, gotos and verdicts of maps lead to a chain; nothing if there is no such chain.
Result<std::optional<size_t>> CountNftUsers(NetlinkSocket& socket, const std::string& chain);
/// The ruleset's generation: counted on with every change of any table.
Result<uint32_t> NftGeneration(NetlinkSocket& socket);

/// Calls `each` with the chain and the expressions (NFTA_RULE_EXPRESSIONS) of every rule, in order.
Result<void> ForEachNftRule(
    NetlinkSocket& socket,
    const std::function<void(const std::string& chain, const AttributeView& expressions)>& each);

/// The chain of each of its rules.
Result<std::vector<std::string>> ListNftRules(NetlinkSocket& socket);

/// A rule of `chain` jumps or goes to another chain, or looks into a set.
struct NftReference {
  std::string chain;
  std::string to;
};
Result<std::vector<NftReference>> ListNftReferences(NetlinkSocket& socket);

}  // namespace berth::net
