// Published ports, from everywhere they can be reached from.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "net/test_host.h"

namespace berth::net {
namespace {

class PortsTest : public TestHost {};

std::string Word(uint16_t number) { return RawBytes(htons(number)); }

/// CRC32c (RFC 9260, appendix A), as it stands in the packet.
std::string SctpChecksum(std::string_view packet) {
  uint32_t sum = ~0U;
  for (const char byte : packet) {
    sum ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = (sum & 1) != 0 ? sum >> 1 ^ 0x82f63b78 : sum >> 1;
  }
  return RawBytes(~sum);
}

/// What begins an association (RFC 9260, 3.3.2).
std::string SctpInit(uint16_t from, uint16_t to) {
  const std::string no_tag(4, '\0');
  const std::string chunk = Word(1 << 8) + Word(20) + std::string("\1\2\3\4", 4) +
                            RawBytes(htonl(65535)) + Word(1) + Word(1) + RawBytes(htonl(1));
  const std::string ports = Word(from) + Word(to);
  const std::string sum = SctpChecksum(ports + no_tag + std::string(4, '\0') + chunk);
  return ports + no_tag + sum + chunk;
}

UniqueFd RawSctp(const Netns& where) {
  auto socket = where.Run([]() -> Result<UniqueFd> {
    return UniqueFd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP));
  });
  return *std::move(socket);
}

/// The next packet, with its IP header; "" if none comes within a second.
std::string Received(const UniqueFd& socket) {
  pollfd readable = {.fd = socket.get(), .events = POLLIN, .revents = 0};
  if (::poll(&readable, 1, 1000) <= 0) return {};
  std::array<char, 2048> packet{};
  const ssize_t size = ::recv(socket.get(), packet.data(), packet.size(), 0);
  return std::string(packet.data(), static_cast<size_t>(std::max<ssize_t>(size, 0)));
}

TEST_F(PortsTest, ATcpPortIsReachedFromOutsideTheHostAndPeers) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("web", 5, {}, {{Protocol::kTcp, 8080, 80}}));
  const Netns peer = Start(Plan("peer", 6));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "192.0.2.2") << "the client's own address";
  EXPECT_EQ(Connect(host_, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_NE(server.Peer(), "nobody");
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.1");
  EXPECT_EQ(Connect(peer, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.6");
}

TEST_F(PortsTest, ATaskReachesItsOwnPublishedPort) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("web", 5, {}, {{Protocol::kTcp, 8080, 80}}));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(task, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.1");
}

TEST_F(PortsTest, AUdpPortEchoes) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("dns", 5, {}, {{Protocol::kUdp, 5353, 53}}));
  Server server(task, Protocol::kUdp, 53);
  EXPECT_TRUE(Echoes(outside, "192.0.2.1", 5353, server));
  EXPECT_TRUE(Echoes(host_, "127.0.0.1", 5353, server));
  EXPECT_TRUE(Echoes(host_, "192.0.2.1", 5353, server));
  EXPECT_TRUE(Echoes(task, "192.0.2.1", 5353, server));
}

TEST_F(PortsTest, AUdpFlowFollowsThePortFromTaskToTask) {
  constexpr uint16_t kClientPort = 4000;
  const Netns outside = MakeOutside();
  const Netns first = Start(Plan("first", 5, {}, {{Protocol::kUdp, 5353, 53}}));
  const Netns keeper = Start(Plan("keeper", 7));  // of the table, and with it of the tracking
  Server one(first, Protocol::kUdp, 53);
  EXPECT_TRUE(Echoes(outside, "192.0.2.1", 5353, one, kClientPort));
  ASSERT_TRUE(Detach("first", LinkEnd::kDeleteNow, lock_));
  EXPECT_FALSE(Echoes(outside, "192.0.2.1", 5353, one, kClientPort)) << "now to the host itself";
  const Netns second = Start(Plan("second", 6, {}, {{Protocol::kUdp, 5353, 53}}));
  Server two(second, Protocol::kUdp, 53);
  EXPECT_TRUE(Echoes(outside, "192.0.2.1", 5353, two, kClientPort));
}

TEST_F(PortsTest, TheSameNumberLeadsElsewhereForTheOtherProtocol) {
  const Netns tcp = Start(Plan("tcp", 5, {}, {{Protocol::kTcp, 53, 53}}));
  const Netns udp = Start(Plan("udp", 6, {}, {{Protocol::kUdp, 53, 53}}));
  Server by_tcp(tcp, Protocol::kTcp, 53);
  Server by_udp(udp, Protocol::kUdp, 53);
  EXPECT_EQ(Connect(host_, "127.0.0.1", 53), Reach::kConnected);
  EXPECT_TRUE(Echoes(host_, "127.0.0.1", 53, by_udp));
}

TEST_F(PortsTest, SecurityGroupsHoldForPublishedPortsToo) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("web", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kSilence);
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kSilence);
}

TEST_F(PortsTest, AnUnpublishedPortIsTheHostsOwn) {
  const Netns task = Start(Plan("web", 5, {}, {{Protocol::kTcp, 8080, 80}}));
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8081), Reach::kRefused);
  ASSERT_TRUE(Detach("web", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kRefused);
}

TEST_F(PortsTest, APortOnOneAddressIsReachedThereAlone) {
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  const IpAddress here = *IpAddress::Parse("192.0.2.1"), here6 = *IpAddress::Parse("2001:db8::1");
  const Netns task = Start(Plan6("web", 5, {},
                                 {{Protocol::kTcp, 8080, 80, here},
                                  {Protocol::kTcp, 8081, 80, here6},
                                  {Protocol::kUdp, 5353, 53, here}}));
  Server server(task, Protocol::kTcp, 80), names(task, Protocol::kUdp, 53);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "192.0.2.2");
  EXPECT_EQ(Connect(host_, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kRefused);
  EXPECT_EQ(Connect(outside, "2001:db8::1", 8080), Reach::kRefused);
  EXPECT_TRUE(Echoes(outside, "192.0.2.1", 5353, names));
  Server server6(task, Protocol::kTcp, 80, "fd00:9::5");
  EXPECT_EQ(Connect(outside, "2001:db8::1", 8081), Reach::kConnected);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8081), Reach::kRefused);
}

TEST_F(PortsTest, OnItsOwnAddressAPortGoesBeforeTheSameOnAll) {
  const Netns outside = MakeOutside();
  const IpAddress here = *IpAddress::Parse("192.0.2.1"), other = *IpAddress::Parse("127.0.0.1");
  const Netns on_one = Start(Plan("one", 5, {}, {{Protocol::kTcp, 8080, 80, here}}));
  const Netns on_all = Start(Plan("all", 6, {}, {{Protocol::kTcp, 8080, 80}}));
  const Netns on_other = Start(Plan("other", 7, {}, {{Protocol::kTcp, 8080, 80, other}}));
  Server one(on_one, Protocol::kTcp, 80), all(on_all, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_NE(one.Peer(), "nobody");
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kRefused) << "nobody listens in `other`";
  Expect(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_NE(all.Peer(), "nobody");
}

TEST_F(PortsTest, AnAddressThatIsNotTheHostsIsRefused) {
  Netns task = *Netns::Create();
  const IpAddress elsewhere = *IpAddress::Parse("192.0.2.99");
  auto refused = Attach(Plan("web", 5, {}, {{Protocol::kTcp, 8080, 80, elsewhere}}), task, lock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message(),
      "attach web: prepare host: host port 192.0.2.99:8080/tcp: the host has no such address");
  const IpAddress other_family = *IpAddress::Parse("::1");
  refused = Attach(Plan("web", 5, {}, {{Protocol::kTcp, 8080, 80, other_family}}), task, lock_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "host port [::1]:8080/tcp: the task has no address of that family");
}

TEST_F(PortsTest, AnSctpPortLeadsToTheTask) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("web", 5, {}, {{Protocol::kSctp, 9899, 99}}));
  const UniqueFd inside = RawSctp(task), beyond = RawSctp(outside);
  ASSERT_TRUE(inside && beyond);
  const std::string init = SctpInit(4000, 9899);
  sockaddr_in host{};
  host.sin_family = AF_INET;
  ASSERT_EQ(::inet_pton(AF_INET, "192.0.2.1", &host.sin_addr), 1);
  ASSERT_EQ(::sendto(beyond.get(), init.data(), init.size(), 0,
                     reinterpret_cast<const sockaddr*>(&host), sizeof host),
            static_cast<ssize_t>(init.size()));
  const std::string got = Received(inside);
  constexpr size_t kIpHeader = 20;
  ASSERT_GE(got.size(), kIpHeader + init.size());
  EXPECT_EQ(got.substr(kIpHeader, 4), Word(4000) + Word(99)) << "source and destination port";
}

TEST_F(PortsTest, AHeldPortIsReachedAllTheSame) {
  const auto held = HeldPort::HoldAny(Protocol::kTcp, DynamicPortRange(), {});
  ASSERT_TRUE(held) << held.error().message();
  const Netns task = Start(Plan("web", 5, {}, {{Protocol::kTcp, held->port(), 80}}));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(host_, "127.0.0.1", held->port()), Reach::kConnected);
}

TEST_F(PortsTest, APortInUseIsFoundBeforeAnythingStarts) {
  Server listener(host_, Protocol::kTcp, 8080);
  const auto held = HeldPort::Hold(Protocol::kTcp, 8080);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message(), "host port 8080/tcp is in use by another program or task");
}

}  // namespace
}  // namespace berth::net
