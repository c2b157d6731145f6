#include "net/firewall/monitor.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <vector>

#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

// Room for what a host of ten thousand tasks tells when its table is written anew.
constexpr int kReceiveBuffer = 16 << 20;
constexpr size_t kLongestDatagram = 64 << 10;

uint32_t BigEndianIn(const AttributeView& attributes, uint16_t type) {
  return ntohl(FromBytes<uint32_t>(attributes.Find(type)));
}

/// Whether a message is about something in one of our tables. Every kind of object has the name of
/// its table in its first attribute.
bool IsAboutOurs(std::string_view body) {
  if (FromBytes<nfgenmsg>(body).nfgen_family != NFPROTO_INET) return false;
  const std::string table = BodyAttributes<nfgenmsg>(body).Text(NFTA_TABLE_NAME);
  return table == kBerthTable || table == kAgentTable || table == kResolverTable;
}

Intrusion Author(std::string_view body) {
  const AttributeView generation = BodyAttributes<nfgenmsg>(body);
  return {.by = fmt::format("{} (pid {})", generation.Text(NFTA_GEN_PROC_NAME),
                            BigEndianIn(generation, NFTA_GEN_PROC_PID)),
          .generation = BigEndianIn(generation, NFTA_GEN_ID)};
}

}  // namespace

Result<FirewallMonitor> FirewallMonitor::Open() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER));
  if (!fd) return ErrnoError("netlink socket");
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer);
  // One without an address is sent nothing.
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) < 0) {
    return ErrnoError("bind a netlink socket");
  }
  const int group = NFNLGRP_NFTABLES;
  if (::setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
    return ErrnoError("listen to changes of nftables");
  }
  return FirewallMonitor(std::move(fd));
}

Result<std::optional<Intrusion>> FirewallMonitor::Take() {
  std::optional<Intrusion> intrusion;
  std::vector<char> buffer(kLongestDatagram);
  for (;;) {
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return intrusion;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {
      intrusion = Intrusion();
      touched_ = false;
      continue;
    }
    if (size < 0) return ErrnoError("listen to changes of nftables");
    const std::string_view datagram(buffer.data(), static_cast<size_t>(size));
    ForEachMessage(datagram, [&](const nlmsghdr& header, std::string_view body) {
      if (header.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN)) {
        if (touched_) intrusion = Author(body);
        touched_ = false;
      } else if (!NetlinkSocket::IsMarked(header.nlmsg_pid) && IsAboutOurs(body)) {
        touched_ = true;
      }
    });
  }
}

}  // namespace berth::net
