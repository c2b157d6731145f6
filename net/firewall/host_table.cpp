#include "net/firewall/host_table.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>

#include "base/sys.h"
#include "net/firewall/elements.h"
#include "net/firewall/flows.h"
#include "net/firewall/group_chains.h"
#include "net/firewall/host_layout.h"
#include "net/firewall/table_names.h"
#include "net/nft/batch.h"

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

Result<std::unique_ptr<NetlinkSocket>> TakeSocket() {
  const ino_t netns = TRY(NetnsNumber());
  {
    const std::lock_guard guard(kept_mutex);
    // After a fork the parent still reads from the socket that it had.
    if (kept.socket && kept.process == ::getpid() && kept.netns == netns) {
      return std::move(kept.socket);
    }
  }
  return std::make_unique<NetlinkSocket>(TRY(NetlinkSocket::Open(NETLINK_NETFILTER)));
}

void KeepSocket(std::unique_ptr<NetlinkSocket> socket) {
  const auto netns = NetnsNumber();
  if (!netns) return;
  KeptSocket last{.process = ::getpid(), .netns = *netns, .socket = std::move(socket)};
  const std::lock_guard guard(kept_mutex);
  std::swap(kept, last);
}

/// The host port of an element of the map of ports, if that is for UDP.
std::optional<uint16_t> UdpPortOf(const NftElement& element) {
  constexpr size_t kPortOffset = 4;  // the protocol takes a register
  const bool is_port = element.set == kIpv4Sets.ports || element.set == kIpv6Sets.ports;
  if (!is_port || element.key.size() < kPortOffset + 2) return std::nullopt;
  if (element.key[0] != static_cast<char>(Protocol::kUdp)) return std::nullopt;
  return ntohs(FromBytes<uint16_t>(std::string_view(element.key).substr(kPortOffset)));
}

}  // namespace

Result<HostTable> HostTable::Lock(const std::string& lock_path) {
  UniqueFd file = TRY(sys::Open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  while (::flock(file.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return ErrnoError("lock {}", lock_path);
  }
  return HostTable(std::move(file), TRY(TakeSocket()));
}

HostTable::~HostTable() {
  if (socket_) KeepSocket(std::move(socket_));
}

Result<void> HostTable::Refresh() {
  const auto layout = TRY(FindNftTable(*socket_));
  if (!layout || layout == kLayout) return {};
  NftBatch batch;
  WriteLayout(batch);
  return batch.Commit(*socket_);
}

Result<void> HostTable::Pin(const Attachment& attachment) {
  NftBatch batch;
  if (TRY(FindNftTable(*socket_)) != kLayout) WriteLayout(batch);
  for (const NftElement& element : PinsOf(attachment)) batch.AddElement(element);
  return batch.Commit(*socket_);
}

Result<void> HostTable::Admit(const Attachment& attachment) {
  NftBatch batch;
  if (!attachment.groups.empty()) WriteGroups(batch, attachment.groups);
  std::set<uint16_t> udp_ports;
  for (const NftElement& element : PassagesOf(attachment)) {
    batch.AddElement(element);
    if (const auto port = UdpPortOf(element)) udp_ports.insert(*port);
  }
  TRY(batch.Commit(*socket_));
  return ForgetUdpFlows(*socket_, udp_ports);
}

Result<TableRemoval> HostTable::Remove(const std::function<bool(const std::string& id)>& doomed) {
  TableRemoval removal;
  if (!TRY(FindNftTable(*socket_))) return removal;
  NftBatch deletions;
  std::set<uint16_t> udp_ports;
  bool others = false;
  for (const std::string& set : TRY(ListNftSets(*socket_))) {
    for (const NftElement& element : TRY(ListNftElements(*socket_, set))) {
      if (doomed(element.comment)) {
        deletions.DeleteElement(element);
        removal.ids.insert(element.comment);
        if (const auto port = UdpPortOf(element)) udp_ports.insert(*port);
      } else if (set == kIpv4Sets.pins) {
        others = true;
      }
    }
  }
  removal.table = !others;
  if (removal.table) deletions = NftBatch().DeleteTable();
  TRY(deletions.Commit(*socket_));
  TRY(ForgetUdpFlows(*socket_, udp_ports));
  return removal;
}

}  // namespace berth::net
