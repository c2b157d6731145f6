#include "net/addresses/address.h"

#include <gtest/gtest.h>

namespace berth::net {
namespace {

TEST(Ipv4Test, ReadsAndWritesFourNumbers) {
  for (const char* text : {"0.0.0.0", "10.0.0.4", "255.255.255.255"}) {
    const auto address = Ipv4::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->Format(), text);
  }
  EXPECT_EQ(Ipv4::Parse("1.2.3.4")->number(), 0x01020304U);
}

TEST(Ipv4Test, RefusesEverythingElse) {
  for (const char* text :
       {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "+1.2.3.4", "1.2.3.-4", "1..3.4", "1.2.3.", "::1", "1.2.3.4/8", "99999999999.1.1.1"}) {
    EXPECT_FALSE(Ipv4::Parse(text)) << text;
  }
  EXPECT_EQ(Ipv4::Parse("10.0.0").error().message(),
            "\"10.0.0\" is not an IPv4 address such as 10.0.0.4");
}

TEST(Ipv4CidrTest, KnowsItsEnds) {
  const auto block = Ipv4Cidr::Parse("172.31.240.0/20");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->Format(), "172.31.240.0/20");
  EXPECT_EQ(block->Network().Format(), "172.31.240.0");
  EXPECT_EQ(block->Broadcast().Format(), "172.31.255.255");
  EXPECT_TRUE(block->Contains(*Ipv4::Parse("172.31.250.7")));
  EXPECT_FALSE(block->Contains(*Ipv4::Parse("172.31.239.255")));
}

TEST(Ipv4CidrTest, ReachesFromEverythingToOneAddress) {
  EXPECT_TRUE(Ipv4Cidr::Parse("0.0.0.0/0")->Contains(*Ipv4::Parse("203.0.113.9")));
  EXPECT_EQ(Ipv4Cidr::Parse("0.0.0.0/0")->Broadcast().Format(), "255.255.255.255");
  EXPECT_EQ(Ipv4Cidr::Parse("10.0.0.9/32")->Network(), Ipv4Cidr::Parse("10.0.0.9/32")->Broadcast());
}

TEST(Ipv4CidrTest, SaysWhatWasMeantWhenBitsAreLeftOver) {
  EXPECT_EQ(Ipv4Cidr::Parse("10.0.0.9/24").error().message(),
            "CIDR block \"10.0.0.9/24\" has bits set after its prefix: 10.0.0.0/24 was meant");
}

TEST(Ipv4CidrTest, TakesThemAwayWhenAskedTo) {
  EXPECT_EQ(Ipv4Cidr::ParseLeniently("100.68.0.18/18")->Format(), "100.68.0.0/18");
  EXPECT_FALSE(Ipv4Cidr::ParseLeniently("100.68.0.18"));
}

TEST(Ipv4CidrTest, RefusesWhatIsNoBlock) {
  for (const char* text : {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08",
                           "/8", "10.0.0/8"}) {
    EXPECT_FALSE(Ipv4Cidr::Parse(text)) << text;
  }
}

TEST(MacAddressTest, ReadsAndWritesSixPairs) {
  EXPECT_EQ(MacAddress::Parse("02:00:5E:10:00:ff")->Format(), "02:00:5e:10:00:ff");
  for (const char* text : {"", "02:00:5e:10:00", "02:00:5e:10:00:01:02", "2:0:5e:10:0:1",
                           "02-00-5e-10-00-01", "02:00:5e:10:00:0g", "02:00:5e:10:00:+1"}) {
    EXPECT_FALSE(MacAddress::Parse(text)) << text;
  }
}

TEST(MacAddressTest, DerivesTheSameLocalAddressFromTheSameText) {
  const MacAddress one = MacAddress::Derive("task-1");
  EXPECT_EQ(one, MacAddress::Derive("task-1"));
  EXPECT_NE(one, MacAddress::Derive("task-2"));
  EXPECT_EQ(one.Bytes()[0], 0x02) << "locally administered, unicast";
}

}  // namespace
}  // namespace berth::net
