#include "net/links/link_counters.h"

#include <gtest/gtest.h>

#include "net/test_host.h"

namespace berth::net {
namespace {

class LinkCountersTest : public TestHost {};

TEST_F(LinkCountersTest, WhatATaskSendsIsReceivedOnTheHost) {
  const Netns task = Start(Plan("one", 5));
  auto socket = NetlinkSocket::Open(NETLINK_ROUTE);
  ASSERT_TRUE(socket);
  const auto before = ReadLinkCounters(*socket, HostInterfaceName("one"));
  ASSERT_TRUE(before && *before);
  Server server(host_, Protocol::kUdp, 53);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Echoes(task, "10.9.0.1", 53, server));
  const auto after = ReadLinkCounters(*socket, HostInterfaceName("one"));
  ASSERT_TRUE(after && *after);
  EXPECT_GE((*after)->rx_packets, (*before)->rx_packets + 10);
  EXPECT_GE((*after)->rx_bytes, (*before)->rx_bytes + 10);
  EXPECT_EQ((*after)->TurnedRound().tx_bytes, (*after)->rx_bytes);
  EXPECT_EQ((*after)->TurnedRound().TurnedRound(), **after);
}

TEST_F(LinkCountersTest, AnInterfaceThatIsNotThereHasNone) {
  auto socket = NetlinkSocket::Open(NETLINK_ROUTE);
  ASSERT_TRUE(socket);
  const auto counters = ReadLinkCounters(*socket, "bt000000000000");
  ASSERT_TRUE(counters) << counters.error().message();
  EXPECT_FALSE(*counters);
}

}  // namespace
}  // namespace berth::net
