#include "net/firewall/host_table.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <mutex>

#include "base/sys.h"
#include "net/firewall/admission.h"
#include "net/firewall/elements.h"
#include "net/firewall/flows.h"
#include "net/firewall/group_chains.h"
#include "net/firewall/host_layout.h"
#include "net/firewall/input_way.h"
#include "net/firewall/table_names.h"
#include "net/firewall/unused_groups.h"
#include "net/nft/batch.h"
#include "net/nft/contents.h"
#include "net/nft/references.h"
#include "net/resolver_endpoint.h"

namespace berth::net {
namespace {

std::vector<NftElement> ElementsIn(const std::vector<NetlinkMessage>& messages) {
  std::vector<NftElement> all;
  for (const NetlinkMessage& message : messages) {
    if (NFNL_MSG_TYPE(message.type) != NFT_MSG_NEWSETELEM) continue;
    for (NftElement& element : NftElementsIn(message.body)) all.push_back(std::move(element));
  }
  return all;
}

// Has no rules: its comment tells whose table it is.
constexpr const char* kOwnerChain = "owner";

std::set<uint16_t> UdpPortsOf(const Attachment& attachment) {
  std::set<uint16_t> ports;
  for (const PublishedPort& port : attachment.ports) {
    if (port.protocol == Protocol::kUdp) ports.insert(port.hostPort);
  }
  return ports;
}

void WriteOwnLayout(NftBatch& batch, const std::string& owner) {
  WriteLayout(batch);
  batch.AddChain(kOwnerChain, owner);
}

}  // namespace

Result<HostTable> HostTable::Lock(const std::string& lock_path) {
  UniqueFd file = TRY(sys::Open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  while (::flock(file.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return ErrnoError("lock {}", lock_path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) < 0) return ErrnoError("stat {}", lock_path);
  HostTable table(std::move(file), TRY(KeptSocket::Take()), lock_path);
  table.owner_ = fmt::format("{} ({}:{})", lock_path, status.st_dev, status.st_ino);
  return table;
}

Result<std::optional<std::string>> HostTable::OtherOwner() {
  auto owner = TRY(FindNftChain(*socket_, kOwnerChain));
  if (owner == owner_) owner.reset();
  return owner;
}

Result<void> HostTable::CheckOwner() {
  const auto owner = TRY(OtherOwner());
  if (!owner) return {};
  return MakeError(
      "this network namespace has the tasks of another Berth, whose lock is {}: use its state "
      "directory (--root), or, if that is no more: nft delete table inet berth",
      *owner);
}

Result<void> HostTable::WriteTable(NftBatch& batch) {
  TRY(written_.Forget());
  WriteOwnLayout(batch, owner_);
  return {};
}

Result<void> HostTable::Refresh() {
  const auto layout = TRY(FindNftTable(*socket_));
  if (layout) TRY(CheckOwner());
  if (!layout || layout == kLayout) return {};
  NftBatch batch;
  TRY(WriteTable(batch));
  return batch.Commit(*socket_);
}

Result<void> HostTable::Provide() {
  TRY(CheckOwner());
  const auto layout = TRY(FindNftTable(*socket_));
  if (layout == kLayout) return {};
  if (!layout && TRY(Restore())) return {};
  NftBatch batch;
  TRY(WriteTable(batch));
  return batch.Commit(*socket_);
}

Result<void> HostTable::Pin(const Attachment& attachment) {
  TRY(Provide());
  NftBatch batch;
  for (const NftElement& element : PinsOf(attachment)) batch.AddElement(element);
  return batch.Commit(*socket_);
}

Result<void> HostTable::Admit(const Attachment& attachment) {
  // Somebody may have deleted the table, and the pin with it, since Pin.
  TRY(Provide());
  if (HasGuardedPorts(attachment)) TRY(OpenInputWay());
  const Admission admission(attachment);
  const std::vector<ChainPart> shared = SharedBy(attachment);
  TRY(ledger_.Put(attachment.id, admission.With(shared)));
  std::vector<ChainPart> missing = written_.Missing(shared);
  auto committed = CommitNft(*socket_, admission.With(missing));
  if (!committed && missing.size() < shared.size()) {
    // Somebody may have taken chains away that we take to be there.
    TRY(written_.Forget());
    missing = shared;
    committed = CommitNft(*socket_, admission.With(missing));
  }
  if (!committed) {
    TRY(ledger_.Remove(attachment.id));
    return committed;
  }
  TRY(written_.Note(missing));
  return ForgetUdpFlows(*socket_, UdpPortsOf(attachment));
}

Result<void> HostTable::ChangeRules(const SecurityGroup& group) {
  TRY(CheckGroup(group));
  TRY(CheckOwner());
  TRY(RestoreIfGone());
  const std::set<std::string> chains = RuleChains(group.id);
  if (!TRY(FindNftChain(*socket_, *chains.begin()))) return {};
  NftBatch batch;
  WriteGroupRules(batch, group);
  TRY(written_.Forget());
  const auto before = TRY(ledger_.ReplaceRules(chains, batch.messages()));
  const auto committed = batch.Commit(*socket_).Context("change the rules of {}", group.id);
  if (!committed) TRY(ledger_.PutBack(before));
  return committed;
}

Result<size_t> HostTable::ForgetFlowsIf(
    const std::function<bool(const TrackedFlow& flow)>& doomed) {
  size_t count = 0;
  for (const IpFamily family : kFamilies) {
    std::vector<TrackedFlow> flows = TRY(ListFlows(*socket_, family));
    std::erase_if(flows, [&](const TrackedFlow& flow) { return !doomed(flow); });
    TRY(ForgetFlows(*socket_, flows));
    count += flows.size();
  }
  return count;
}

Result<bool> HostTable::RemoveAlone(const std::string& id) {
  const auto entry = ledger_.Find(id);
  if (!entry) return false;
  // Struck out first: whoever restores the table after a death in between must not bring it back.
  TRY(ledger_.Remove(id));
  if (TRY(OtherOwner())) return false;
  NftBatch deletions;
  std::set<uint16_t> udp_ports;
  for (const NftElement& element : ElementsIn(*entry)) {
    // Each attachment has one verdict for what it sends. If no other has the same, its groups, or
    // the whole table, may have to go as well.
    const bool is_egress = element.set == kEgress;
    if (IsSetOfGuardedPorts(element.set)) return false;
    if (is_egress && TRY(CountNftUsers(*socket_, element.chain)).value_or(0) < 2) return false;
    deletions.DeleteElement(element);
    if (const auto port = UdpPortOf(element)) udp_ports.insert(*port);
  }
  const auto committed = deletions.Commit(*socket_);
  // Not as it was put down: a death before the transaction, or somebody else's doing.
  if (!committed && committed.error().Is(ENOENT)) return false;
  TRY(committed);
  TRY(ForgetUdpFlows(*socket_, udp_ports));
  return true;
}

Result<void> HostTable::Remove(const std::string& id) {
  if (TRY(RemoveAlone(id))) return {};
  TRY(Remove([&](const std::string& owner) { return owner == id; }));
  return {};
}

Result<TableRemoval> HostTable::Remove(const std::function<bool(const std::string& id)>& doomed) {
  TableRemoval removal;
  // Struck out first: whoever restores the table after a death in between must not bring them back.
  TRY(ledger_.Remove(doomed));
  if (TRY(OtherOwner())) return removal;
  if (!TRY(FindNftTable(*socket_))) {
    // Somebody has flushed the firewall, which leaves the pair.
    if (TRY(ledger_.Empty())) TRY(CloseInputWay(*socket_));
    return removal;
  }
  NftBatch deletions;
  std::set<uint16_t> udp_ports;
  bool others = !TRY(ledger_.Empty());
  bool guarded = false;  // ports of others
  std::set<std::string> used_chains;
  for (const std::string& set : TRY(ListNftSets(*socket_))) {
    for (const NftElement& element : TRY(ListNftElements(*socket_, set))) {
      if (doomed(element.comment)) {
        deletions.DeleteElement(element);
        removal.ids.insert(element.comment);
        if (const auto port = UdpPortOf(element)) udp_ports.insert(*port);
      } else {
        others = others || set == kIpv4Sets.pins;
        guarded = guarded || IsSetOfGuardedPorts(set);
        used_chains.insert(element.chain);
      }
    }
  }
  removal.table = !others;
  // While there are elements of it, or the table, somebody will come again.
  if (!guarded) TRY(CloseInputWay(*socket_));
  if (removal.table) {
    // While the table is there somebody will come to remove it: not so the detour.
    TRY(RemoveLeftDetour(*socket_));
    deletions = NftBatch().DeleteTable();
  } else if (!removal.ids.empty()) {
    TRY(RemoveUnusedGroups(deletions, *socket_, used_chains));
    if (!guarded) TRY(RemoveInputWay(deletions, *socket_));
  }
  TRY(written_.Forget());
  TRY(deletions.Commit(*socket_));
  TRY(ForgetUdpFlows(*socket_, udp_ports));
  return removal;
}

Result<void> HostTable::Rewrite(std::vector<NetlinkMessage> entries) {
  NftBatch batch;
  // Made if it is gone, so that it can be deleted whether or not it is.
  batch.AddTable(kLayout).DeleteTable();
  TRY(WriteTable(batch));
  return batch.Append(std::move(entries)).Commit(*socket_).Context("restore the firewall's table");
}

Result<std::vector<std::string>> HostTable::Damage(const std::vector<NetlinkMessage>& entries) {
  if (!TRY(FindNftTable(*socket_))) return std::vector<std::string>{"the whole table"};
  NftBatch wanted;
  WriteOwnLayout(wanted, owner_);
  wanted.Append(entries);
  return Differences(ContentsAfter(wanted.messages()), TRY(ReadContents(*socket_)));
}

Result<std::optional<Restoration>> HostTable::Restore(uint32_t change) {
  TRY(CheckOwner());
  if (TRY(ledger_.Empty())) return std::optional<Restoration>();  // whoever attaches makes it anew
  const uint32_t now = TRY(NftGeneration(*socket_));
  const auto restored = ledger_.RestoredAt();
  const bool seen_to = change != 0 && restored && change <= *restored;
  if (seen_to) return std::optional<Restoration>();
  auto entries = TRY(ledger_.All());
  Restoration restoration = {.missing = TRY(Damage(entries))};
  if (change == 0 && restoration.missing.empty()) return std::optional<Restoration>();
  if (WritesInputWay(entries)) TRY(OpenInputWay());
  TRY(Rewrite(std::move(entries)));
  TRY(ledger_.SetRestoredAt(now));
  return std::optional(std::move(restoration));
}

Result<std::optional<Restoration>> HostTable::RestoreIfGone() {
  if (TRY(FindNftTable(*socket_))) return std::optional<Restoration>();
  return Restore();
}

Result<void> HostTable::ForgetFlowsOf(const std::vector<IpAddress>& addresses) {
  return net::ForgetFlowsOf(*socket_, addresses);
}

}  // namespace berth::net
