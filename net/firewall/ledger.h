// Ledger: what has been committed to the firewall for each attachment, kept in files beside the
// lock.
//
// Of an attachment it keeps the very messages of its transactions, so that a table that somebody
// has emptied can be written anew without knowing why any of it was there. It is as volatile as the
// table: whole for other processes, not for a power cut.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {

class Ledger {
 public:
  /// The one that belongs to a lock file; its directory is made with the first entry.
  explicit Ledger(const std::string& lock_path) : directory_(lock_path + ".d") {}

  /// Puts down all of an attachment's messages, in place of what was there.
  Result<void> Put(const std::string& id, const NftMessages& messages) const;
  /// Those of all attachments; what they share is once, as the latest has it. An entry
  /// that can't be read is left out with a warning, so that it does not take the others along.
  Result<std::vector<NetlinkMessage>> All() const;
  Result<bool> Empty() const;
  /// One attachment's; nothing if there is no entry, or none that can be read.
  std::optional<std::vector<NetlinkMessage>> Find(const std::string& id) const;
  /// Entries as they are in their files, by id.
  using Entries = std::map<std::string, std::string>;
  /// Puts `rules`, which write these chains and lean on no other of groups, in place of what
  /// entries have for the same chains; entries without any of them stay. Returns the changed ones
  /// as they were.
  Result<Entries> ReplaceRules(const std::set<std::string>& chains,
                               const std::vector<NetlinkMessage>& rules) const;
  Result<void> PutBack(const Entries& entries) const;
  /// Strikes out one.
  Result<void> Remove(const std::string& id) const;
  /// Strikes out those that `doomed` picks.
  Result<void> Remove(const std::function<bool(const std::string& id)>& doomed) const;

  /// The ruleset's generation that the last restoration began from; nothing if there was none since
  /// the host, or the network namespace, began.
  std::optional<uint32_t> RestoredAt() const;
  Result<void> SetRestoredAt(uint32_t generation) const;

 private:
  Result<std::vector<std::string>> Names() const;

  std::string directory_;
};

}  // namespace berth::net
