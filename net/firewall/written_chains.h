// WrittenChains: what chains that attachments share were last written as, so that who attaches with
// the same groups need not write them again.
//
// A file beside the ledger's entries, read and changed under the firewall's lock. It may know less
// than the table has, never more: whoever is about to change chains in another way forgets it
// first.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// The messages that write some chains, which nothing else writes.
struct ChainPart {
  std::string name;
  std::vector<NetlinkMessage> messages;
};

class WrittenChains {
 public:
  /// The one that belongs to a lock file; the ledger makes its directory.
  explicit WrittenChains(const std::string& lock_path) : path_(lock_path + ".d/.written") {}

  /// The parts that are not in the table yet, or not as they are here.
  std::vector<ChainPart> Missing(std::vector<ChainPart> parts) const;
  /// Puts down that these are in the table.
  Result<void> Note(const std::vector<ChainPart>& parts) const;
  Result<void> Forget() const;

 private:
  std::string path_;
};

}  // namespace berth::net
