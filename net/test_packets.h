// For the tests: packets written by hand, sent from one namespace and seen arriving in another.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/unique_fd.h"
#include "net/firewall/judge.h"
#include "net/netns.h"

namespace berth::net {

/// An IP packet that begins a flow: TCP with SYN, UDP, or a request of ICMP or ICMPv6. `number`
/// tells it from others: the source port, or ICMP's identifier.
std::string BeginFlow(const FirstPacket& packet, uint16_t number);

/// Sends from a task's namespace and sees what comes to its eth0.
class PacketPort {
 public:
  explicit PacketPort(const Netns& task);
  void Send(const FirstPacket& packet, uint16_t number);
  /// The numbers of the flows that have begun here until one of `awaited` is the last that is
  /// missing, or for up to two seconds.
  std::set<uint16_t> Arrived(const std::set<uint16_t>& awaited);

 private:
  UniqueFd ipv4_;
  UniqueFd ipv6_;
  UniqueFd capture_;
};

}  // namespace berth::net
