#include "net/cni/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "base/files.h"

namespace berth::net::cni {
namespace {

using testing::HasSubstr;

class StoreTest : public testing::Test {
 protected:
  ~StoreTest() override { std::filesystem::remove_all(directory_); }

  static AttachmentKey Key(const std::string& container, const std::string& network = "pods") {
    return {.network = network, .containerId = container, .ifname = "eth0"};
  }
  /// A network of 11 addresses, from 10.0.0.4 to .14.
  static NetworkConfig Network(const std::string& block = "10.0.0.0/28") {
    NetworkConfig config;
    config.subnets = {*MakeSubnet("pods", *Ipv4Cidr::Parse(block))};
    return config;
  }
  Answer<Record> Reserve(const std::string& container, const NetworkConfig& config = Network()) {
    return store_.Reserve(Key(container), config);
  }
  static std::string Address(const Answer<Record>& record) {
    return record ? record->address.Format() : record.error().msg;
  }
  void MakeAllRest(int64_t seconds) {
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/addresses")) {
      const std::string mark = *ReadFile(entry.path());
      if (!mark.starts_with("resting ")) continue;
      const int64_t since = std::stoll(mark.substr(8)) - seconds;
      ASSERT_TRUE(ReplaceFile(entry.path(), fmt::format("resting {}", since)));
    }
  }

  static std::string MakeDirectory() {
    char name[] = "/tmp/berth-cni-store-XXXXXX";
    return ::mkdtemp(name);
  }

  const std::string directory_ = MakeDirectory();
  const Store store_ = *Store::Open(directory_);
};

TEST_F(StoreTest, AReservationIsAnIntentOnDisk) {
  const auto record = Reserve("a");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->phase, Record::Phase::kIntent);
  EXPECT_EQ(**store_.Find(Key("a").Id()), *record);
  EXPECT_EQ(*store_.Find(Key("b").Id()), std::nullopt);
}

TEST_F(StoreTest, GivesEveryAddressOnceAndThenNone) {
  std::set<std::string> given;
  for (int i = 0; i < 11; ++i) given.insert(Address(Reserve(std::to_string(i))));
  EXPECT_EQ(given.size(), 11u);
  EXPECT_FALSE(store_.CheckAddresses(Network()));
  const auto none = Reserve("one too many");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kTryAgainLater);
  EXPECT_THAT(none.error().msg, HasSubstr("no free address"));
  EXPECT_EQ(*store_.Find(Key("one too many").Id()), std::nullopt);
}

TEST_F(StoreTest, AnAddressRestsBeforeAnotherGetsIt) {
  NetworkConfig config = Network();
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(Reserve(std::to_string(i)));
  const Record first = **store_.Find(Key("0").Id());
  ASSERT_TRUE(store_.Release(first));
  EXPECT_EQ(*store_.Find(Key("0").Id()), std::nullopt);
  EXPECT_FALSE(Reserve("next"));
  MakeAllRest(31);
  EXPECT_EQ(Address(Reserve("next")), first.address.Format());
}

TEST_F(StoreTest, GoesOnToTheNextSubnet) {
  NetworkConfig config = Network();
  config.subnets.push_back(*MakeSubnet("pods", *Ipv4Cidr::Parse("10.0.1.0/28")));
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(Reserve(std::to_string(i), config));
  const auto next = Reserve("next", config);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->blocks, "10.0.1.0/28");
}

TEST_F(StoreTest, GivesAnAddressOfEachFamilyFromOneSubnet) {
  NetworkConfig config = Network();
  const Ipv6Cidr block = *Ipv6Cidr::Parse("fd00:1::/112");
  config.subnets.push_back(
      *MakeSubnet("pods", {.ipv4 = *Ipv4Cidr::Parse("10.0.1.0/28"), .ipv6 = block}));
  config.addresses = {*Ipv6::Parse("fd00:1::99")};
  const auto asked = Reserve("a", config);
  ASSERT_TRUE(asked) << asked.error().msg;
  EXPECT_EQ(asked->address.Format(), "10.0.1.4");
  EXPECT_EQ(asked->ipv6Address->Format(), "fd00:1::99");
  EXPECT_EQ(Reserve("b", config).error().code, Code::kAddressTaken);
  config.addresses.clear();
  config.subnets.erase(config.subnets.begin());
  const auto next = Reserve("c", config);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->address.Format(), "10.0.1.5");
  EXPECT_TRUE(block.Contains(*next->ipv6Address));
}

TEST_F(StoreTest, WithoutABlockOfIpv4AnAddressLeadsToTheAgentAlone) {
  NetworkConfig config = Network();
  config.subnets = {*MakeSubnet("pods", {.ipv6 = *Ipv6Cidr::Parse("fd00:1::/112")})};
  const auto one = Reserve("a", config);
  const auto other = Reserve("b", config);
  ASSERT_TRUE(one && other);
  EXPECT_TRUE(EndpointSubnet().cidrBlock->Contains(one->address));
  EXPECT_NE(one->address, other->address);
  EXPECT_NE(one->ipv6Address, other->ipv6Address);
}

TEST_F(StoreTest, GivesTheAddressThatIsAskedForUnlessAnotherHasIt) {
  NetworkConfig config = Network();
  config.addresses = {*Ipv4::Parse("10.0.0.9")};
  const auto first = Reserve("a", config);
  EXPECT_EQ(Address(first), "10.0.0.9");
  const auto second = Reserve("b", config);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kAddressTaken);
  ASSERT_TRUE(store_.Release(*first));
  EXPECT_EQ(Address(Reserve("b", config)), "10.0.0.9") << "it need not rest";
}

TEST_F(StoreTest, ReleasingWhatAnotherHasByNowTakesNothingFromIt) {
  NetworkConfig config = Network();
  config.addresses = {*Ipv4::Parse("10.0.0.9")};
  const Record first = *Reserve("a", config);
  ASSERT_TRUE(store_.Release(first));
  ASSERT_TRUE(Reserve("b", config));
  ASSERT_TRUE(store_.Release(first));
  EXPECT_EQ(Reserve("c", config).error().code, Code::kAddressTaken);
}

TEST_F(StoreTest, AnAddressWhoseOwnerHasNoRecordIsFree) {
  NetworkConfig config = Network();
  config.addresses = {*Ipv4::Parse("10.0.0.9")};
  ASSERT_TRUE(Reserve("a", config));
  std::filesystem::remove(directory_ + "/attachments/" + Key("a").Id());
  EXPECT_EQ(Address(Reserve("b", config)), "10.0.0.9");
}

TEST_F(StoreTest, NetworksMayShareAGroupButNotDifferAboutIt) {
  NetworkConfig config = Network();
  config.securityGroups = {{.id = "cni-sg-a"}};
  ASSERT_TRUE(store_.Reserve(Key("a", "one"), config));
  ASSERT_TRUE(store_.Reserve(Key("b", "two"), config));
  config.securityGroups[0].egress = DefaultGroup().egress;
  const auto other = store_.Reserve(Key("c", "three"), config);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kInvalidConfig);
  EXPECT_THAT(other.error().msg, HasSubstr("sg-a"));
}

TEST_F(StoreTest, ANetworkMayChangeItsGroupAndWhoIsGoneHasNoSay) {
  NetworkConfig config = Network();
  config.securityGroups = {{.id = "cni-sg-a"}};
  const auto first = store_.Reserve(Key("a", "one"), config);
  ASSERT_TRUE(first);
  config.securityGroups[0].egress = DefaultGroup().egress;
  const auto changed = store_.Reserve(Key("b", "one"), config);
  ASSERT_TRUE(changed);
  ASSERT_TRUE(store_.Release(*first));
  ASSERT_TRUE(store_.Release(*changed));
  config.securityGroups[0].egress.clear();
  EXPECT_TRUE(store_.Reserve(Key("c", "two"), config));
}

TEST_F(StoreTest, TidyRemovesWhatWasLeftAndNothingElse) {
  const Record kept = *Reserve("kept");
  ASSERT_TRUE(store_.Release(*Reserve("gone")));
  ASSERT_TRUE(WriteNewFile(directory_ + "/attachments/x.new-0a0b0c0d", "part"));
  ASSERT_TRUE(WriteNewFile(directory_ + "/addresses/10.0.0.14", "cni-nobody"));
  ASSERT_TRUE(store_.Tidy());
  EXPECT_EQ(ListDirectory(directory_ + "/attachments")->size(), 1u);
  EXPECT_EQ(ListDirectory(directory_ + "/addresses")->size(), 2u);
  MakeAllRest(31);
  ASSERT_TRUE(store_.Tidy());
  EXPECT_EQ(*ListDirectory(directory_ + "/addresses"),
            std::vector<std::string>{kept.address.Format()});
}

TEST_F(StoreTest, ListsRecordsAndNotWhatIsBeingWritten) {
  ASSERT_TRUE(Reserve("a"));
  ASSERT_TRUE(Reserve("b"));
  ASSERT_TRUE(WriteNewFile(directory_ + "/attachments/x.new-0a0b0c0d", "part"));
  EXPECT_EQ(store_.List()->size(), 2u);
}

TEST_F(StoreTest, LocksKeepOthersOutUntilTheyAreLetGo) {
  const Locks locks = store_.locks();
  auto one = locks.OneAttachment("a");
  ASSERT_TRUE(one);
  ASSERT_TRUE(locks.OneAttachment("b")) << "others may go on";
  std::promise<void> entered;
  auto waiting = std::async(std::launch::async, [&] {
    const auto all = locks.AllAttachments();
    entered.set_value();
    return all.has_value();
  });
  auto inside = entered.get_future();
  EXPECT_EQ(inside.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  one->first.Reset();
  one->second.Reset();
  EXPECT_TRUE(waiting.get());
}

}  // namespace
}  // namespace berth::net::cni
