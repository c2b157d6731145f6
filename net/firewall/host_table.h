// The firewall of a host: the nftables table `inet berth`.
//
// A constant number of rules; attachments, their ports and the members of groups are elements of
// hash sets and maps. Packets of other interfaces are not touched.
//
//   prerouting   raw     what a task sends must bear its own interface, MAC and address
//   prerouting   dstnat  published ports lead to tasks; output, dstnat: from the host as well
//   forward, input       from a task: replies pass, then its egress rules, then, to another task,
//                        that one's ingress rules; to a task from outside: its ingress rules,
//                        unless it bears the address of another task here
//   output               from the host to a task: its ingress rules
//   postrouting, input   last of all: how many flows a task has open (flow_limits.h)
//   postrouting  srcnat  what leaves the host takes the host's address
//
// Security groups guard what leaves a task wherever it goes, the host itself included; the host's
// own services are for its own firewall to guard further. Link-local addresses, instance metadata
// among them, are refused to every task, but for the agent's endpoint and the resolver
// (host_services.h). ARP is not filtered: both ends have permanent neighbours, so nothing that it
// says is heeded.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/attachment.h"
#include "net/firewall/flows.h"
#include "net/firewall/kept_socket.h"
#include "net/firewall/ledger.h"
#include "net/firewall/written_chains.h"
#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {

/// What a removal took away.
struct TableRemoval {
  std::set<std::string> ids;  // of the attachments that had elements
  bool table = false;         // nothing was left, so the table went as well
};

/// The table, changed by one process at a time: whoever has this object has the lock.
class HostTable {
 public:
  /// Waits for the lock on the file (made if missing).
  static Result<HostTable> Lock(const std::string& lock_path);

  /// Fails if the table is that of another lock file: then there is another Berth in this network
  /// namespace, which knows nothing of ours.
  Result<void> CheckOwner();
  /// Brings the rules of a table that an older Berth has left to this one's.
  Result<void> Refresh();
  /// Makes the table if it is missing, and lets the attachment's interface send under its own
  /// address. That alone lets nothing through, but keeps the table from being removed, so that
  /// there is no moment at which an interface has a sender and no rules.
  Result<void> Pin(const Attachment& attachment);
  /// Writes the attachment's groups and opens its way through them, in one transaction. Pins it
  /// too, if it is not.
  Result<void> Admit(const Attachment& attachment);
  /// Writes a group's rules in place of what they were, if there is an attachment in it: new flows
  /// meet them from then on. Who attaches with the group must know the same rules
  /// (Attachment::currentGroups).
  Result<void> ChangeRules(const SecurityGroup& group);
  /// Makes the kernel forget the flows of both families that `doomed` picks: their next packets are
  /// judged as new ones. Returns how many.
  Result<size_t> ForgetFlowsIf(const std::function<bool(const TrackedFlow& flow)>& doomed);
  /// Removes all elements of one attachment, in one transaction: those that the ledger tells of, as
  /// quick beside many others as beside few, where nothing else goes with them.
  Result<void> Remove(const std::string& id);
  /// Removes all elements of the attachments that `doomed` picks, in one transaction; if those were
  /// all, the table.
  Result<TableRemoval> Remove(const std::function<bool(const std::string& id)>& doomed);
  /// Writes the table anew from what was committed to it, in one transaction, if it is not what it
  /// should be. Nothing: it was in order.
  /// `change`: the generation of a change that it was certainly damaged by, unless somebody has
  /// restored it since; 0: there may be none.
  Result<std::optional<Restoration>> Restore(uint32_t change = 0);
  /// The same, if the table is missing as a whole: a single question if it is not.
  Result<std::optional<Restoration>> RestoreIfGone();
  /// Makes the kernel forget the flows of addresses that nobody has any more.
  Result<void> ForgetFlowsOf(const std::vector<IpAddress>& addresses);

 private:
  HostTable(UniqueFd lock, KeptSocket socket, const std::string& lock_path)
      : lock_(std::move(lock)),
        ledger_(lock_path),
        written_(lock_path),
        socket_(std::move(socket)) {}
  /// Makes the table if it is missing, or brings its rules to this Berth's. Fails as CheckOwner.
  Result<void> Provide();
  Result<void> WriteTable(NftBatch& batch);
  /// Whether it could.
  Result<bool> RemoveAlone(const std::string& id);
  /// What the table lacks or has too much of, in words.
  Result<std::vector<std::string>> Damage(const std::vector<NetlinkMessage>& entries);
  Result<void> Rewrite(std::vector<NetlinkMessage> entries);
  /// The lock of another Berth, if the table is its.
  Result<std::optional<std::string>> OtherOwner();

  UniqueFd lock_;
  std::string owner_;
  Ledger ledger_;
  WrittenChains written_;
  KeptSocket socket_;
};

}  // namespace berth::net
