#include "net/ports/port_pool.h"

#include <gtest/gtest.h>

namespace berth::net {
namespace {

TEST(PortPoolTest, PicksTheFirstFreePortRoundTheEnd) {
  const PortRange range = {100, 103};
  EXPECT_EQ(*PickHostPort(range, {}, 102), 102);
  EXPECT_EQ(*PickHostPort(range, {102, 103}, 102), 100);
  EXPECT_EQ(*PickHostPort(range, {}, 7), 100) << "a start outside counts as the beginning";
  EXPECT_EQ(*PickHostPort({65535, 65535}, {}, 65535), 65535);
}

TEST(PortPoolTest, LeavesTheAgentItsPorts) {
  EXPECT_EQ(*PickHostPort({51670, 51690}, {}, 51678), 51680);
}

TEST(PortPoolTest, PicksPortsInARow) {
  const PortRange range = {100, 109};
  EXPECT_EQ(*PickHostPort(range, {}, 100, 10), 100);
  EXPECT_EQ(*PickHostPort(range, {102, 106}, 100, 3), 103);
  EXPECT_EQ(*PickHostPort(range, {102, 106}, 104, 3), 107);
  EXPECT_EQ(*PickHostPort(range, {106}, 108, 3), 100) << "a row doesn't go round the end";
  EXPECT_EQ(*PickHostPort(range, {101, 109}, 105, 7), 102) << "it may go over the start";
  EXPECT_EQ(PickHostPort(range, {105}, 100, 6).error().message(),
            "no row of 6 host ports from 100 to 109 is free: stop tasks, or widen "
            "net.ipv4.ip_local_port_range");
}

TEST(PortPoolTest, SaysWhenTheRangeIsFull) {
  EXPECT_EQ(PickHostPort({100, 101}, {100, 101}, 100).error().message(),
            "no host port from 100 to 101 is free: stop tasks, or widen "
            "net.ipv4.ip_local_port_range");
}

TEST(PortPoolTest, TheDynamicRangeIsARange) {
  const PortRange range = DynamicPortRange();
  EXPECT_GT(range.first, 0);
  EXPECT_LE(range.first, range.last);
}

TEST(HeldPortTest, HoldsThePortAgainstAnother) {
  const auto held = HeldPort::HoldAny(Protocol::kUdp, DynamicPortRange(), {});
  ASSERT_TRUE(held) << held.error().message();
  const auto again = HeldPort::Hold(Protocol::kUdp, held->port());
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().Is(EADDRINUSE));
  EXPECT_TRUE(HeldPort::Hold(Protocol::kTcp, held->port())) << "the other protocol is free";
}

TEST(HeldPortTest, TakesAnotherWhenTheFirstIsInUse) {
  const auto held = HeldPort::HoldAny(Protocol::kTcp, DynamicPortRange(), {});
  ASSERT_TRUE(held);
  const PortRange here = {held->port(), static_cast<uint16_t>(held->port() + 50)};
  const auto next = HeldPort::HoldAny(Protocol::kTcp, here, {});
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_NE(next->port(), held->port());
}

TEST(HeldPortTest, HoldsARowPastAPortThatIsInUse) {
  auto row = HeldPort::HoldAnyRow(Protocol::kTcp, DynamicPortRange(), {}, 20);
  ASSERT_TRUE(row) << row.error().message();
  ASSERT_EQ(row->size(), 20U);
  const uint16_t first = row->front().port();
  for (size_t i = 0; i < row->size(); ++i) EXPECT_EQ((*row)[i].port(), first + i);
  const HeldPort tenth = std::move((*row)[9]);
  row->clear();
  const PortRange here = {first, static_cast<uint16_t>(first + 19)};
  for (int round = 0; round < 10; ++round) {
    const auto next = HeldPort::HoldAnyRow(Protocol::kTcp, here, {}, 10);
    ASSERT_TRUE(next) << next.error().message();
    EXPECT_EQ(next->front().port(), tenth.port() + 1);
  }
  EXPECT_FALSE(HeldPort::HoldAnyRow(Protocol::kTcp, here, {}, 11));
}

TEST(HeldPortTest, WhoeverHasTheDescriptorHoldsThePort) {
  auto held = HeldPort::HoldAny(Protocol::kTcp, DynamicPortRange(), {});
  ASSERT_TRUE(held);
  const uint16_t port = held->port();
  UniqueFd fd = std::move(*held).Release();
  EXPECT_FALSE(HeldPort::Hold(Protocol::kTcp, port));
  fd.Reset();
  EXPECT_TRUE(HeldPort::Hold(Protocol::kTcp, port));
}

}  // namespace
}  // namespace berth::net
