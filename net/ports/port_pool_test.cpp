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
