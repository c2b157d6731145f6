#include "ecs/prefix_list.h"

#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

constexpr const char* kLists = R"({"PrefixLists":[
    {"PrefixListId":"pl-office","PrefixListName":"office","AddressFamily":"IPv4","MaxEntries":5,
     "Entries":[{"Cidr":"198.51.100.0/24","Description":"Bonn"},{"Cidr":"203.0.113.0/24"}]},
    {"PrefixListId":"pl-office6","AddressFamily":"IPv6","Entries":[{"Cidr":"2001:db8::/32"}]}]})";

std::string ListError(const std::string& json) {
  const auto lists = ParsePrefixLists(json);
  return lists ? "no error" : lists.error().message();
}

Result<SecurityGroup> Expand(const std::string& permission) {
  const auto groups =
      ParseSecurityGroups(R"({"GroupId":"sg-1","IpPermissions":[)" + permission + "]}");
  EXPECT_TRUE(groups) << groups.error().message();
  return ExpandPrefixLists(groups->front(), *ParsePrefixLists(kLists));
}

TEST(PrefixLists, TakeThePlaceOfTheirNames) {
  const auto group = Expand(R"({"IpProtocol":"-1","IpRanges":[{"CidrIp":"10.0.0.0/8"}],
      "PrefixListIds":[{"PrefixListId":"pl-office"},{"PrefixListId":"pl-office6"}]})");
  ASSERT_TRUE(group) << group.error().message();
  const IpPermission& permission = group->IpPermissions[0];
  ASSERT_EQ(permission.IpRanges.size(), 3u);
  EXPECT_EQ(permission.IpRanges[1].CidrIp, "198.51.100.0/24");
  EXPECT_EQ(permission.IpRanges[1].Description, "Bonn");
  EXPECT_EQ(permission.Ipv6Ranges[0].CidrIpv6, "2001:db8::/32");
  EXPECT_TRUE(permission.PrefixListIds.empty());
}

TEST(PrefixLists, MustBeKnownAndOfTheProtocolsFamily) {
  EXPECT_EQ(
      Expand(R"({"IpProtocol":"-1","PrefixListIds":[{"PrefixListId":"pl-x"}]})").error().message(),
      "sg-1: IpPermissions[0].PrefixListIds[0].PrefixListId: there is no prefix list \"pl-x\"");
  EXPECT_EQ(Expand(R"({"IpProtocol":"icmpv6","PrefixListIds":[{"PrefixListId":"pl-office"}]})")
                .error()
                .message(),
            "sg-1: IpPermissions[0].PrefixListIds[0].PrefixListId: pl-office is a list of IPv4, "
            "which has no icmpv6");
}

TEST(PrefixLists, CountForAsManyRulesAsTheyMayHaveEntries) {
  std::string ranges = R"({"CidrIp":"10.0.0.0/32"})";
  for (int i = 1; i < 55; ++i) ranges += fmt::format(R"(,{{"CidrIp":"10.0.0.{}/32"}})", i);
  const std::string list = R"(],"PrefixListIds":[{"PrefixListId":"pl-office"}]})";
  EXPECT_TRUE(Expand(R"({"IpProtocol":"-1","IpRanges":[)" + ranges + list));
  ranges += R"(,{"CidrIp":"10.0.1.0/24"})";
  EXPECT_EQ(Expand(R"({"IpProtocol":"-1","IpRanges":[)" + ranges + list).error().message(),
            "sg-1: IpPermissions: must have at most 60 rules for a family, not 61: a prefix list "
            "counts MaxEntries");
}

TEST(PrefixLists, AreCheckedWithTheirPaths) {
  EXPECT_EQ(ListError(R"([{"PrefixListId":"pl-1","AddressFamily":"IPv4","MaxEntries":1,
                           "Entries":[{"Cidr":"10.0.0.0/8"},{"Cidr":"fd00::/8"}]},
                          {"PrefixListId":"pl-1","AddressFamily":"v6"}])"),
            "[0].Entries: must be at most 1, not 2\n"
            "[0].Entries[1].Cidr: must be an IPv4 range as 10.0.0.0/8, not \"fd00::/8\"\n"
            "[1].AddressFamily: must be IPv4 or IPv6, not \"v6\"\n"
            "[1].PrefixListId: is given twice");
}

}  // namespace
}  // namespace berth::ecs
