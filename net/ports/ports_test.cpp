// Published ports, from everywhere they can be reached from.
#include <gtest/gtest.h>

#include "net/test_host.h"

namespace berth::net {
namespace {

class PortsTest : public TestHost {};

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
