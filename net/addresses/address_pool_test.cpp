#include "net/addresses/address_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::net {
namespace {

using testing::HasSubstr;

Subnet SmallSubnet() { return *MakeSubnet("subnet-small", *Ipv4Cidr::Parse("10.0.0.0/28")); }
IpAddress Address(const char* text) { return *IpAddress::Parse(text); }
Result<IpAddress> Pick(const Subnet& subnet, const AddressUse& use) {
  return PickAddress(subnet, IpFamily::kIpv4, use);
}
Subnet DualSubnet(const char* ipv6) {
  return *MakeSubnet("subnet-dual",
                     {.ipv4 = *Ipv4Cidr::Parse("10.0.0.0/28"), .ipv6 = *Ipv6Cidr::Parse(ipv6)});
}
Result<IpAddress> Pick6(const Subnet& subnet, const AddressUse& use) {
  return PickAddress(subnet, IpFamily::kIpv6, use);
}

TEST(AddressPoolTest, StartsAfterTheFourReservedAddresses) {
  EXPECT_EQ(Pick(SmallSubnet(), {})->Format(), "10.0.0.4");
}

TEST(AddressPoolTest, GoesOnWhereItLeftOffAndComesRound) {
  EXPECT_EQ(Pick(SmallSubnet(), {.lastGiven = Address("10.0.0.9")})->Format(), "10.0.0.10");
  EXPECT_EQ(Pick(SmallSubnet(), {.lastGiven = Address("10.0.0.14")})->Format(), "10.0.0.4");
  EXPECT_EQ(Pick(SmallSubnet(), {.lastGiven = Address("10.9.9.9")})->Format(), "10.0.0.4")
      << "one of another subnet tells nothing";
}

TEST(AddressPoolTest, SkipsUsedCoolingAndGateway) {
  Subnet subnet = SmallSubnet();
  subnet.gateway = *Ipv4::Parse("10.0.0.5");
  const AddressUse use = {.used = {Address("10.0.0.4"), Address("10.0.0.6")},
                          .cooling = {Address("10.0.0.7")}};
  EXPECT_EQ(Pick(subnet, use)->Format(), "10.0.0.8");
}

TEST(AddressPoolTest, GivesEveryUsableAddressOnceAndThenSaysWhatToDo) {
  AddressUse use;
  while (const auto address = Pick(SmallSubnet(), use)) {
    EXPECT_TRUE(use.used.insert(*address).second);
    use.lastGiven = *address;
  }
  EXPECT_EQ(use.used.size(), UsableAddresses(SmallSubnet(), IpFamily::kIpv4));
  EXPECT_EQ(use.used.size(), 11U) << "16 but four and the broadcast address";
  const auto none = Pick(SmallSubnet(), use);
  EXPECT_THAT(none.error().message(), HasSubstr("subnet subnet-small (10.0.0.0/28)"));
  EXPECT_THAT(none.error().message(), HasSubstr("larger cidrBlock"));
}

TEST(AddressPoolTest, WaitsForCoolingAddressesRatherThanGiveOne) {
  AddressUse use;
  for (uint32_t i = 4; i < 15; ++i) use.cooling.insert(*Ipv4::Parse("10.0.0.0") + i);
  EXPECT_THAT(Pick(SmallSubnet(), use).error().message(), HasSubstr("11 of them are resting"));
}

TEST(AddressPoolTest, GivesIpv6AddressesInTheirOrder) {
  const Subnet subnet = DualSubnet("fd00:0:0:1::/64");
  EXPECT_EQ(Pick6(subnet, {})->Format(), "fd00:0:0:1::4");
  EXPECT_EQ(Pick6(subnet, {.lastGiven = Address("fd00:0:0:1::ffff")})->Format(), "fd00::1:0:0:1:0");
  EXPECT_EQ(Pick6(subnet, {.lastGiven = Address("fd00:0:0:1::ffff:ffff")})->Format(),
            "fd00:0:0:1::4")
      << "that many will do";
  EXPECT_EQ(Pick6(subnet, {.used = {Address("fd00:0:0:1::5"), Address("fd00:0:0:1::6")},
                           .lastGiven = Address("fd00:0:0:1::4")})
                ->Format(),
            "fd00:0:0:1::7");
  EXPECT_EQ(Pick6(subnet, {.lastGiven = Address("fd00:0:0:2::9")})->Format(), "fd00:0:0:1::4")
      << "one of another subnet tells nothing";
}

TEST(AddressPoolTest, GivesEveryIpv6AddressOfASmallBlockOnce) {
  const Subnet subnet = DualSubnet("fd00::1:0/112");
  AddressUse use;
  for (uint64_t i = 4; i < 0x10000; ++i) use.used.insert(*Ipv6::Parse("fd00::1:0") + i);
  EXPECT_EQ(use.used.size(), UsableAddresses(subnet, IpFamily::kIpv6));
  EXPECT_THAT(Pick6(subnet, use).error().message(), HasSubstr("larger ipv6CidrBlock"));
  use.used.erase(Address("fd00::1:ffff"));
  EXPECT_EQ(Pick6(subnet, use)->Format(), "fd00::1:ffff");
}

TEST(SubnetTest, HasItsSecondAddressAsGateway) {
  EXPECT_EQ(SmallSubnet().gateway.Format(), "10.0.0.1");
  EXPECT_EQ(DefaultBridgeSubnet().cidrBlock->Format(), "172.31.240.0/20");
}

TEST(SubnetTest, RefusesBlocksThatNoHostCanUse) {
  for (const char* block : {"10.0.0.0/29", "0.0.0.0/7", "127.0.0.0/16", "169.254.0.0/20",
                            "224.0.0.0/24", "0.0.0.0/8"}) {
    EXPECT_FALSE(MakeSubnet("bad", *Ipv4Cidr::Parse(block))) << block;
  }
  EXPECT_EQ(MakeSubnet("bad", *Ipv4Cidr::Parse("169.254.0.0/20")).error().message(),
            "subnet bad: 169.254.0.0/20 lies in 169.254.0.0/16, which no interface can have");
  for (const char* block :
       {"fd00::/31", "fd00::/113", "fe80:1::/64", "ff05::/64", "::/96", "fd00:ec2::/64"}) {
    EXPECT_FALSE(MakeSubnet("bad", {.ipv6 = *Ipv6Cidr::Parse(block)})) << block;
  }
  EXPECT_EQ(MakeSubnet("bad", SubnetBlocks()).error().message(),
            "subnet bad has neither an IPv4 nor an IPv6 block");
}

TEST(SubnetTest, MayHaveEitherFamilyOrBoth) {
  const auto dual = DualSubnet("fd00:0:0:1::/64");
  EXPECT_EQ(dual.ipv6Gateway.Format(), "fd00:0:0:1::1");
  EXPECT_EQ(dual.FormatBlocks(), "10.0.0.0/28 and fd00:0:0:1::/64");
  const auto only = MakeSubnet("six", {.ipv6 = *Ipv6Cidr::Parse("fd00:0:0:1::/64")});
  ASSERT_TRUE(only) << only.error().message();
  EXPECT_FALSE(only->cidrBlock);
}

TEST(SubnetTest, ThatOfTheEndpointHasRoomForAThousand) {
  EXPECT_EQ(PickAddress(EndpointSubnet(), IpFamily::kIpv4, {})->Format(), "169.254.172.4");
  EXPECT_EQ(UsableAddresses(EndpointSubnet(), IpFamily::kIpv4), 1019U);
}

}  // namespace
}  // namespace berth::net
