#include "net/addresses/address_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::net {
namespace {

using testing::HasSubstr;

Subnet SmallSubnet() { return *MakeSubnet("subnet-small", *Ipv4Cidr::Parse("10.0.0.0/28")); }
Ipv4 Address(const char* text) { return *Ipv4::Parse(text); }

TEST(AddressPoolTest, StartsAfterTheFourReservedAddresses) {
  EXPECT_EQ(PickAddress(SmallSubnet(), {})->Format(), "10.0.0.4");
}

TEST(AddressPoolTest, GoesOnWhereItLeftOffAndComesRound) {
  EXPECT_EQ(PickAddress(SmallSubnet(), {.lastGiven = Address("10.0.0.9")})->Format(), "10.0.0.10");
  EXPECT_EQ(PickAddress(SmallSubnet(), {.lastGiven = Address("10.0.0.14")})->Format(), "10.0.0.4");
  EXPECT_EQ(PickAddress(SmallSubnet(), {.lastGiven = Address("10.9.9.9")})->Format(), "10.0.0.4")
      << "one of another subnet tells nothing";
}

TEST(AddressPoolTest, SkipsUsedCoolingAndGateway) {
  Subnet subnet = SmallSubnet();
  subnet.gateway = Address("10.0.0.5");
  const AddressUse use = {.used = {Address("10.0.0.4"), Address("10.0.0.6")},
                          .cooling = {Address("10.0.0.7")}};
  EXPECT_EQ(PickAddress(subnet, use)->Format(), "10.0.0.8");
}

TEST(AddressPoolTest, GivesEveryUsableAddressOnceAndThenSaysWhatToDo) {
  AddressUse use;
  while (const auto address = PickAddress(SmallSubnet(), use)) {
    EXPECT_TRUE(use.used.insert(*address).second);
    use.lastGiven = *address;
  }
  EXPECT_EQ(use.used.size(), UsableAddresses(SmallSubnet()));
  EXPECT_EQ(use.used.size(), 11U) << "16 but four and the broadcast address";
  const auto none = PickAddress(SmallSubnet(), use);
  EXPECT_THAT(none.error().message(), HasSubstr("subnet subnet-small (10.0.0.0/28)"));
  EXPECT_THAT(none.error().message(), HasSubstr("larger cidrBlock"));
}

TEST(AddressPoolTest, WaitsForCoolingAddressesRatherThanGiveOne) {
  AddressUse use;
  for (uint32_t i = 4; i < 15; ++i) use.cooling.insert(Address("10.0.0.0") + i);
  EXPECT_THAT(PickAddress(SmallSubnet(), use).error().message(),
              HasSubstr("11 of them are resting"));
}

TEST(SubnetTest, HasItsSecondAddressAsGateway) {
  EXPECT_EQ(SmallSubnet().gateway.Format(), "10.0.0.1");
  EXPECT_EQ(DefaultBridgeSubnet().cidrBlock.Format(), "172.31.240.0/20");
}

TEST(SubnetTest, RefusesBlocksThatNoHostCanUse) {
  for (const char* block : {"10.0.0.0/29", "0.0.0.0/7", "127.0.0.0/16", "169.254.0.0/20",
                            "224.0.0.0/24", "0.0.0.0/8"}) {
    EXPECT_FALSE(MakeSubnet("bad", *Ipv4Cidr::Parse(block))) << block;
  }
  EXPECT_EQ(MakeSubnet("bad", *Ipv4Cidr::Parse("169.254.0.0/20")).error().message(),
            "subnet bad: 169.254.0.0/20 lies in 169.254.0.0/16, which no interface can have");
}

}  // namespace
}  // namespace berth::net
