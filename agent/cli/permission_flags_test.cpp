#include "agent/cli/permission_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent::cli {
namespace {

using testing::HasSubstr;

ecs::IpPermission Read(const PermissionFlags& flags) {
  const auto permissions = ReadPermissionFlags(flags);
  EXPECT_TRUE(permissions) << permissions.error().message();
  return permissions ? permissions->at(0) : ecs::IpPermission();
}

std::string Refusal(const PermissionFlags& flags) {
  const auto permissions = ReadPermissionFlags(flags);
  return permissions ? "no error" : permissions.error().message();
}

TEST(PermissionFlags, PutRangesIntoTheirFamilies) {
  const auto rule = Read({.protocol = "tcp",
                          .port = "8000-8010",
                          .cidrs = {"10.0.0.0/8", "fd00::/8"},
                          .groups = {"sg-app"}});
  EXPECT_EQ(rule.FromPort, 8000);
  EXPECT_EQ(rule.ToPort, 8010);
  EXPECT_EQ(rule.IpRanges[0].CidrIp, "10.0.0.0/8");
  EXPECT_EQ(rule.Ipv6Ranges[0].CidrIpv6, "fd00::/8");
  EXPECT_EQ(rule.UserIdGroupPairs[0].GroupId, "sg-app");
}

TEST(PermissionFlags, ReadPortsAsTheProtocolHasThem) {
  EXPECT_EQ(Read({.protocol = "udp", .port = "53", .cidrs = {"::/0"}}).ToPort, 53);
  EXPECT_EQ(Read({.protocol = "tcp", .port = "all", .cidrs = {"::/0"}}).ToPort, 65535);
  EXPECT_EQ(Read({.protocol = "icmp", .port = "8-0", .cidrs = {"0.0.0.0/0"}}).ToPort, 0);
  EXPECT_EQ(Read({.protocol = "icmp", .port = "8", .cidrs = {"0.0.0.0/0"}}).ToPort, -1);
  EXPECT_EQ(Read({.protocol = "icmpv6", .cidrs = {"::/0"}}).FromPort, -1);
  EXPECT_EQ(Read({.protocol = "all", .cidrs = {"::/0"}}).IpProtocol, "-1");
}

TEST(PermissionFlags, TakeADocumentInPlaceOfAll) {
  const std::string document =
      R"([{"IpProtocol":"tcp","FromPort":1,"ToPort":2,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}])";
  EXPECT_EQ(Read({.permissions = document}).ToPort, 2);
  EXPECT_THAT(Refusal({.protocol = "tcp", .permissions = document}), HasSubstr("leave the rest"));
  EXPECT_THAT(Refusal({.permissions = "[{}]"}), HasSubstr("IpProtocol"));
}

TEST(PermissionFlags, AreRefusedByTheirNames) {
  EXPECT_THAT(Refusal({}), HasSubstr("--protocol"));
  EXPECT_THAT(Refusal({.protocol = "tcp", .cidrs = {"::/0"}}), HasSubstr("--port: is required"));
  EXPECT_THAT(Refusal({.protocol = "tcp", .port = "x", .cidrs = {"::/0"}}), HasSubstr("not x"));
  EXPECT_THAT(Refusal({.protocol = "tcp", .port = "70000", .cidrs = {"::/0"}}),
              HasSubstr("FromPort"));
  EXPECT_THAT(Refusal({.protocol = "all", .port = "80", .cidrs = {"::/0"}}),
              HasSubstr("means nothing"));
  EXPECT_THAT(Refusal({.protocol = "tcp", .port = "80"}), HasSubstr("--cidr"));
  EXPECT_THAT(Refusal({.protocol = "tcp", .port = "80", .cidrs = {"10.0.0.0"}}),
              HasSubstr("CidrIp"));
}

}  // namespace
}  // namespace berth::agent::cli
