#include "net/test_packets.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "net/netlink.h"

namespace berth::net {
namespace {

std::string Big16(size_t value) { return RawBytes(htons(static_cast<uint16_t>(value))); }
std::string Byte(size_t value) { return RawBytes(static_cast<uint8_t>(value)); }
size_t At(std::string_view bytes, size_t place) { return static_cast<uint8_t>(bytes[place]); }
size_t Big16At(std::string_view bytes, size_t place) {
  return At(bytes, place) << 8 | At(bytes, place + 1);
}

// RFC 1071.
uint16_t Checksum(std::string bytes) {
  if (bytes.size() % 2 != 0) bytes.push_back('\0');
  size_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) sum += Big16At(bytes, i);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

struct Segment {
  std::string bytes;
  size_t checksum_at;
};

Segment SegmentOf(const FirstPacket& packet, uint16_t number) {
  const std::string ports = Big16(number) + Big16(packet.destinationPort);
  switch (packet.protocol) {
    case IPPROTO_TCP:
      return {
          ports + std::string(8, '\0') + Byte(5 << 4) + Byte(2) + Big16(1024) + Big16(0) + Big16(0),
          16};
    case IPPROTO_UDP:
      return {ports + Big16(8) + Big16(0), 6};
    default:
      return {Byte(static_cast<size_t>(packet.icmp.type)) +
                  Byte(static_cast<size_t>(packet.icmp.code)) + Big16(0) + Big16(number) +
                  Big16(1) + std::string(12, '\0'),
              2};
  }
}

bool IsRequest(uint8_t protocol, std::string_view segment) {
  constexpr size_t kSyn = 2, kSynAck = 18;
  if (protocol == IPPROTO_TCP) return (At(segment, 13) & kSynAck) == kSyn;
  if (protocol == IPPROTO_UDP) return true;
  const size_t type = At(segment, 0);
  if (protocol == IPPROTO_ICMP) return type == 8 || type == 13;
  return protocol == IPPROTO_ICMPV6 && type == 128;
}

std::optional<uint16_t> NumberIn(std::string_view packet) {
  if (packet.size() < 28) return std::nullopt;
  const bool ipv4 = At(packet, 0) >> 4 == 4;
  const auto protocol = static_cast<uint8_t>(At(packet, ipv4 ? 9 : 6));
  const size_t header = ipv4 ? 20 : 40;
  if (packet.size() < header + 8) return std::nullopt;  // ARP, for one
  const std::string_view segment = packet.substr(header);
  if ((protocol == IPPROTO_TCP && segment.size() < 20)) return std::nullopt;
  if (!IsRequest(protocol, segment)) return std::nullopt;
  const bool ports = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
  return static_cast<uint16_t>(Big16At(segment, ports ? 0 : 4));
}

}  // namespace

std::string BeginFlow(const FirstPacket& packet, uint16_t number) {
  Segment segment = SegmentOf(packet, number);
  const std::string ends = packet.source.Bytes() + packet.destination.Bytes();
  const bool pseudo_header = packet.protocol != IPPROTO_ICMP;
  const std::string pseudo =
      pseudo_header ? ends + Big16(0) + Big16(segment.bytes.size()) + Big16(packet.protocol)
                    : std::string();
  segment.bytes.replace(segment.checksum_at, 2, Big16(Checksum(pseudo + segment.bytes)));
  const std::string protocol = Byte(packet.protocol);
  if (!packet.source.IsIpv4()) {
    return Byte(6 << 4) + std::string(3, '\0') + Big16(segment.bytes.size()) + protocol + Byte(64) +
           ends + segment.bytes;
  }
  std::string header = Byte(0x45) + Byte(0) + Big16(20 + segment.bytes.size()) + Big16(number) +
                       Big16(0) + Byte(64) + protocol + Big16(0) + ends;
  header.replace(10, 2, Big16(Checksum(header)));
  return header + segment.bytes;
}

PacketPort::PacketPort(const Netns& task) {
  const auto opened = task.Run([&]() -> Result<void> {
    // Both take whole packets, headers and all.
    ipv4_ = UniqueFd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    ipv6_ = UniqueFd(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    capture_ =
        UniqueFd(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL)));
    const int room = 8 << 20;
    ::setsockopt(capture_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    return {};
  });
  EXPECT_TRUE(opened && ipv4_ && ipv6_ && capture_);
}

void PacketPort::Send(const FirstPacket& packet, uint16_t number) {
  const std::string bytes = BeginFlow(packet, number);
  const std::string address = packet.destination.Bytes();
  sockaddr_in to = {.sin_family = AF_INET};
  sockaddr_in6 to6 = {.sin6_family = AF_INET6};
  const bool ipv4 = packet.destination.IsIpv4();
  std::copy(address.begin(), address.end(),
            ipv4 ? reinterpret_cast<char*>(&to.sin_addr) : reinterpret_cast<char*>(&to6.sin6_addr));
  const ssize_t sent = ipv4 ? ::sendto(ipv4_.get(), bytes.data(), bytes.size(), 0,
                                       reinterpret_cast<const sockaddr*>(&to), sizeof to)
                            : ::sendto(ipv6_.get(), bytes.data(), bytes.size(), 0,
                                       reinterpret_cast<const sockaddr*>(&to6), sizeof to6);
  EXPECT_EQ(sent, static_cast<ssize_t>(bytes.size())) << packet.destination.Format();
}

std::set<uint16_t> PacketPort::Arrived(const std::set<uint16_t>& awaited) {
  std::set<uint16_t> arrived;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  char buffer[2048];
  for (;;) {
    sockaddr_ll from = {};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(capture_.get(), buffer, sizeof buffer, 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (got > 0 && from.sll_pkttype != PACKET_OUTGOING) {
      if (const auto number = NumberIn({buffer, static_cast<size_t>(got)})) arrived.insert(*number);
    }
    if (got > 0) continue;
    const bool all = std::includes(arrived.begin(), arrived.end(), awaited.begin(), awaited.end());
    if (all || std::chrono::steady_clock::now() > deadline) return arrived;
    pollfd wait = {.fd = capture_.get(), .events = POLLIN};
    ::poll(&wait, 1, 100);
  }
}

}  // namespace berth::net
