#include "net/cni/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/name.h"

namespace berth::net::cni {
namespace {

const AttachmentKey kKey = {.network = "pods", .containerId = "c_1.x-y", .ifname = "eth0"};

TEST(RecordTest, TheIdIsANameThatTellsAttachmentsApart) {
  EXPECT_TRUE(IsName(kKey.Id())) << kKey.Id();
  EXPECT_THAT(kKey.Id(), testing::StartsWith("cni-c1xy-eth0-"));
  EXPECT_EQ(kKey.Id(), AttachmentKey(kKey).Id());
  EXPECT_EQ(OwnerOf(kKey.Id()), Owner::kCni);
  AttachmentKey other = kKey;
  other.network = "other";
  EXPECT_NE(other.Id(), kKey.Id());
  other = kKey;
  other.ifname = "eth1";
  EXPECT_NE(other.Id(), kKey.Id());
  const AttachmentKey longest = {.network = std::string(200, 'n'),
                                 .containerId = std::string(64, 'f'),
                                 .ifname = "0123456789abcde"};
  EXPECT_TRUE(IsName(longest.Id())) << longest.Id();
}

TEST(RecordTest, IsReadAsItWasWritten) {
  Record record = {.key = kKey,
                   .phase = Record::Phase::kLive,
                   .address = *Ipv4::Parse("10.0.0.5"),
                   .ipv6Address = *Ipv6::Parse("fd00::5"),
                   .mac = *MacAddress::Parse("02:00:00:00:00:01"),
                   .blocks = "10.0.0.0/24 and fd00::/64",
                   .groups = {"cni-a", "cni-b"}};
  EXPECT_EQ(*ParseRecord(FormatRecord(record)), record);
  record.groups.clear();
  record.ipv6Address.reset();
  record.phase = Record::Phase::kIntent;
  EXPECT_EQ(*ParseRecord(FormatRecord(record)), record);
}

TEST(RecordTest, RefusesWhatIsNotWhole) {
  const std::string whole = FormatRecord({.key = kKey});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseRecord(whole.substr(0, size))) << size;
  }
  EXPECT_TRUE(ParseRecord(whole));
}

}  // namespace
}  // namespace berth::net::cni
