// What leads where in the table `inet berth`: its chains, and the chains and sets that rules name.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// The names of its chains.
Result<std::vector<std::string>> ListNftChains(NetlinkSocket& socket);

/// A rule of `chain` jumps or goes to another chain, or looks into a set.
struct NftReference {
  std::string chain;
  std::string to;
};
Result<std::vector<NftReference>> ListNftReferences(NetlinkSocket& socket);

}  // namespace berth::net
