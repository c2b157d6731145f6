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
#include "net/firewall/elements.h"
#include "net/firewall/flow_limits.h"
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

/// A netfilter socket kept open for the next use, with the process and the namespace it belongs to.
/// To close one, the kernel waits until it has freed what was deleted from tables lately: grace
/// periods, 10 to 30 ms, that nobody has to wait for.
struct KeptSocket {
  pid_t process = 0;
  ino_t netns = 0;
  std::unique_ptr<NetlinkSocket> socket;
};
std::mutex kept_mutex;
KeptSocket kept;

/// The number of the thread's network namespace, unique for as long as a socket keeps it alive.
Result<ino_t> NetnsNumber() {
  struct stat status {};
  if (::stat("/proc/thread-self/ns/net", &status) < 0) return ErrnoError("stat the namespace");
  return status.st_ino;
}

/// One of the thread's namespace, which has that number.
Result<std::unique_ptr<NetlinkSocket>> TakeSocket(ino_t netns) {
  {
    const std::lock_guard guard(kept_mutex);
    // After a fork the parent still reads from the socket that it had.
    if (kept.socket && kept.process == ::getpid() && kept.netns == netns) {
      return std::move(kept.socket);
    }
  }
  auto socket = std::make_unique<NetlinkSocket>(TRY(NetlinkSocket::Open(NETLINK_NETFILTER)));
  TRY(socket->Mark());
  return socket;
}

void KeepSocket(std::unique_ptr<NetlinkSocket> socket, ino_t netns) {
  KeptSocket last{.process = ::getpid(), .netns = netns, .socket = std::move(socket)};
  const std::lock_guard guard(kept_mutex);
  std::swap(kept, last);
}

/// The host port of an element of a map of ports, if that is for UDP.
std::optional<uint16_t> UdpPortOf(const NftElement& element) {
  for (const IpFamily family : kFamilies) {
    const FamilySets& names = SetsOf(family);
    const bool on_one = element.set == names.portsAt || element.set == names.guardedAt;
    if (!on_one && element.set != names.ports && element.set != names.guarded) continue;
    // Each part takes whole registers.
    const size_t address = family == IpFamily::kIpv4 ? 4 : 16;
    const size_t protocol = on_one ? address : 0;
    const size_t port = protocol + 4;
    if (element.key.size() < port + 2) return std::nullopt;
    if (element.key[protocol] != static_cast<char>(Protocol::kUdp)) return std::nullopt;
    return ntohs(FromBytes<uint16_t>(std::string_view(element.key).substr(port)));
  }
  return std::nullopt;
}

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

bool HasGuardedPorts(const Attachment& attachment) {
  return std::any_of(attachment.ports.begin(), attachment.ports.end(),
                     [](const PublishedPort& port) { return port.obeysInput; });
}

bool IsOfGuardedPorts(const std::string& set) {
  return std::any_of(std::begin(kFamilies), std::end(kFamilies), [&](IpFamily family) {
    return set == SetsOf(family).guarded || set == SetsOf(family).guardedAt;
  });
}

/// What writes the chains of these groups. Tasks of one kind come one after the other: those of the
/// last ones asked for are kept.
std::vector<ChainPart> PartsOf(const std::vector<SecurityGroup>& groups) {
  static std::mutex mutex;
  static std::vector<SecurityGroup> last;
  static std::vector<ChainPart> parts;
  const std::lock_guard guard(mutex);
  if (last != groups) {
    parts = GroupParts(groups);
    last = groups;
  }
  return parts;
}

/// What writes the chains that it has in common with others.
std::vector<ChainPart> SharedBy(const Attachment& attachment) {
  std::vector<ChainPart> parts;
  if (!attachment.groups.empty()) parts = PartsOf(attachment.groups);
  if (attachment.flowLimit) {
    NftBatch limit;
    ChangeFlowLimit(limit, *attachment.flowLimit);
    parts.push_back({.name = "flow-limit", .messages = limit.messages()});
  }
  if (HasGuardedPorts(attachment)) {
    NftBatch way;
    WriteInputWay(way);
    parts.push_back({.name = "input-way", .messages = way.messages()});
  }
  return parts;
}

/// What admits an attachment.
struct Admission {
  explicit Admission(const Attachment& attachment) {
    NftBatch own;
    for (const NftElement& element : PinsOf(attachment)) own.AddElement(element);
    pins.Append(own.messages());  // which may be there already
    for (const NftElement& element : PassagesOf(attachment)) passages.AddElement(element);
  }
  /// With what writes these chains; all others that it leads to are there.
  NftMessages With(const std::vector<ChainPart>& parts) const {
    NftMessages messages = {pins.messages()};
    for (const ChainPart& part : parts) messages.push_back(part.messages);
    messages.push_back(passages.messages());
    return messages;
  }

  NftBatch pins, passages;
};

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
  const ino_t netns = TRY(NetnsNumber());
  HostTable table(std::move(file), TRY(TakeSocket(netns)), lock_path);
  table.netns_ = netns;
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

HostTable::~HostTable() {
  if (socket_) KeepSocket(std::move(socket_), netns_);
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
    if (IsOfGuardedPorts(element.set)) return false;
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
  if (!TRY(FindNftTable(*socket_)) || TRY(OtherOwner())) return removal;
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
        guarded = guarded || IsOfGuardedPorts(set);
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
