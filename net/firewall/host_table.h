// The firewall of a host: the nftables table `inet berth`.
//
// A constant number of rules; attachments, their ports and the members of groups are elements of
// hash sets and maps. Packets of other interfaces are not touched.
//
//   prerouting  raw     what a task sends must bear its own interface, MAC and address
//   prerouting  dstnat  published ports of the host lead to tasks            (and output, from the
//   host) forward, input      from a task: replies pass, then its egress rules, then, if the
//   destination is a
//                       task too, that one's ingress rules; to a task from outside: its ingress
//                       rules
//   output              from the host to a task: its ingress rules
//   postrouting srcnat  what leaves the host takes the host's address
//
// Security groups guard what leaves a task wherever it goes, the host itself included; the host's
// own services are for its own firewall to guard further. Link-local addresses, instance metadata
// among them, are refused to every task, but for the agent's endpoint (agent_endpoint.h). ARP is
// not filtered: both ends have permanent neighbours, so nothing that it says is heeded.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/attachment.h"
#include "net/netlink.h"

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
  HostTable(HostTable&&) = default;
  ~HostTable();

  /// Brings the rules of a table that an older Berth has left to this one's.
  Result<void> Refresh();
  /// Makes the table if it is missing, and lets the attachment's interface send under its own
  /// address. That alone lets nothing through, but keeps the table from being removed.
  Result<void> Pin(const Attachment& attachment);
  /// Writes the attachment's groups and opens its way through them, in one transaction.
  Result<void> Admit(const Attachment& attachment);
  /// Removes all elements of the attachments that `doomed` picks, in one transaction; if those were
  /// all, the table.
  Result<TableRemoval> Remove(const std::function<bool(const std::string& id)>& doomed);
  /// Makes the kernel forget the flows of addresses that nobody has any more.
  Result<void> ForgetFlowsOf(const std::vector<Ipv4>& addresses);

 private:
  HostTable(UniqueFd lock, std::unique_ptr<NetlinkSocket> socket)
      : lock_(std::move(lock)), socket_(std::move(socket)) {}

  UniqueFd lock_;
  std::unique_ptr<NetlinkSocket> socket_;
};

}  // namespace berth::net
