#include "net/addresses/ipv6.h"

#include <gtest/gtest.h>

namespace berth::net {
namespace {

TEST(Ipv6Test, ReadsEveryFormAndWritesTheShortest) {
  EXPECT_EQ(Ipv6::Parse("FD00:0:0:0:0:0:0:4")->Format(), "fd00::4");
  EXPECT_EQ(Ipv6::Parse("::")->Format(), "::");
  EXPECT_EQ(Ipv6::Parse("::ffff:192.0.2.1")->Format(), "::ffff:192.0.2.1");
}

TEST(Ipv6Test, RefusesEverythingElse) {
  for (const char* text : {"", "10.0.0.4", "fd00:::4", "fd00::4::5", "fe80::1%eth0", " ::1",
                           "::1/64", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9"}) {
    EXPECT_FALSE(Ipv6::Parse(text)) << text;
  }
  EXPECT_FALSE(Ipv6::Parse(std::string_view("::1\0x", 5)));
  EXPECT_EQ(Ipv6::Parse("x").error().message(), "\"x\" is not an IPv6 address such as fd00::4");
}

TEST(Ipv6Test, CountsAcrossItsGroups) {
  EXPECT_EQ((*Ipv6::Parse("fd00::ffff") + 1).Format(), "fd00::1:0");
  EXPECT_EQ((*Ipv6::Parse("fd00:0:0:1:ffff:ffff:ffff:ffff") + 1).Format(), "fd00:0:0:2::");
  EXPECT_LT(*Ipv6::Parse("fd00::ffff"), *Ipv6::Parse("fd00::1:0"));
}

TEST(Ipv6CidrTest, KnowsWhatLiesInIt) {
  const Ipv6Cidr block = *Ipv6Cidr::Parse("fd00:0:0:10::/60");
  EXPECT_EQ(block.Format(), "fd00:0:0:10::/60");
  EXPECT_TRUE(block.Contains(*Ipv6::Parse("fd00:0:0:1f::1")));
  EXPECT_FALSE(block.Contains(*Ipv6::Parse("fd00:0:0:20::1")));
  EXPECT_TRUE(Ipv6Cidr().Contains(*Ipv6::Parse("2001:db8::1")));
  EXPECT_TRUE(Ipv6Cidr::LinkLocal().Contains(*Ipv6::Parse("febf::1")));
  EXPECT_FALSE(Ipv6Cidr::LinkLocal().Contains(*Ipv6::Parse("fec0::1")));
  EXPECT_FALSE(Ipv6Cidr::Parse("fd00::1/128")->Contains(*Ipv6::Parse("fd00::")));
}

TEST(Ipv6CidrTest, SaysWhatWasMeantOrTakesItSo) {
  EXPECT_EQ(Ipv6Cidr::Parse("fd00::9/64").error().message(),
            "CIDR block \"fd00::9/64\" has bits set after its prefix: fd00::/64 was meant");
  EXPECT_EQ(Ipv6Cidr::ParseLeniently("fd00::9/64")->Format(), "fd00::/64");
  for (const char* text : {"fd00::", "fd00::/", "fd00::/129", "fd00::/-1", "fd00::/064", "/64"}) {
    EXPECT_FALSE(Ipv6Cidr::ParseLeniently(text)) << text;
  }
}

TEST(IpAddressTest, IsOfEitherFamily) {
  EXPECT_TRUE(IpAddress::Parse("10.0.0.4")->IsIpv4());
  EXPECT_EQ(IpAddress::Parse("fd00::4")->Format(), "fd00::4");
  EXPECT_EQ(IpAddress::Parse("10.0.0.4")->Bytes(), std::string("\x0a\0\0\x04", 4));
  EXPECT_EQ(IpAddress::Parse("fd00::4")->Bytes().size(), 16U);
  EXPECT_FALSE(IpAddress::Parse("web"));
}

}  // namespace
}  // namespace berth::net
