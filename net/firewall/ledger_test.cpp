#include "net/firewall/ledger.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>

#include <algorithm>

#include "base/sys.h"
#include "net/firewall/group_chains.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

using testing::ElementsAre;

SecurityGroup GroupOfPorts(std::initializer_list<uint16_t> ports) {
  SecurityGroup group = {.id = "sg-web"};
  for (const uint16_t port : ports) {
    group.ingress.push_back(
        {.protocol = IPPROTO_TCP, .ports = PortRange{port, port}, .peer = Ipv4Cidr()});
  }
  return group;
}

std::vector<NetlinkMessage> Entry(const SecurityGroup& group, const std::string& address) {
  NftBatch batch;
  for (ChainPart& part : GroupParts({group})) batch.Append(std::move(part.messages));
  batch.AddElement({.set = "sg-web.members", .key = address, .comment = "x", .shown = address});
  return batch.messages();
}

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/berth-ledger-test-XXXXXX";
    directory_ = ::mkdtemp(path);
    ledger_.emplace(directory_ + "/lock");
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(directory_)); }

  /// Of all messages together those of a type, in words.
  std::vector<std::string> Of(int type) const {
    std::vector<std::string> found;
    const auto all = ledger_->All();
    EXPECT_TRUE(all) << all.error().message();
    for (const NetlinkMessage& message : *all) {
      if (NFNL_MSG_TYPE(message.type) == type) found.push_back(message.what);
    }
    return found;
  }

  std::string directory_;
  std::optional<Ledger> ledger_;
};

TEST_F(LedgerTest, PutsTogetherOnceWhatAttachmentsShare) {
  ASSERT_TRUE(ledger_->Put("aa11", {Entry(GroupOfPorts({80}), "1111")}));
  const auto chains = Of(NFT_MSG_NEWCHAIN), rules = Of(NFT_MSG_NEWRULE), sets = Of(NFT_MSG_NEWSET);
  ASSERT_TRUE(ledger_->Put("bb22", {Entry(GroupOfPorts({80}), "2222")}));
  EXPECT_EQ(Of(NFT_MSG_NEWCHAIN), chains);
  EXPECT_EQ(Of(NFT_MSG_NEWRULE), rules);
  EXPECT_EQ(Of(NFT_MSG_NEWSET), sets);
  EXPECT_THAT(Of(NFT_MSG_NEWSETELEM),
              ElementsAre("add 1111 to sg-web.members", "add 2222 to sg-web.members"));
}

TEST_F(LedgerTest, HasRulesAsTheLatestAttachmentWritesThem) {
  ASSERT_TRUE(ledger_->Put("bb22", {Entry(GroupOfPorts({80, 443, 8080}), "2222")}));
  ASSERT_TRUE(ledger_->Put("aa11", {Entry(GroupOfPorts({80}), "1111")}));
  const auto rules = Of(NFT_MSG_NEWRULE);
  EXPECT_EQ(std::count(rules.begin(), rules.end(), "add a rule to the chain sg-web.ingress"), 1);
}

TEST_F(LedgerTest, MakesEverythingBeforeItIsNamed) {
  ASSERT_TRUE(ledger_->Put("aa11", {Entry(GroupOfPorts({80}), "1111")}));
  ASSERT_TRUE(ledger_->Put("bb22", {Entry(GroupOfPorts({443}), "2222")}));
  const auto all = ledger_->All();
  ASSERT_TRUE(all);
  const auto stage = [](const NetlinkMessage& message) {
    switch (NFNL_MSG_TYPE(message.type)) {
      case NFT_MSG_NEWSETELEM:
        return 2;
      case NFT_MSG_NEWRULE:
      case NFT_MSG_DELRULE:
        return 1;
      default:
        return 0;
    }
  };
  EXPECT_TRUE(std::is_sorted(all->begin(), all->end(),
                             [&](const auto& a, const auto& b) { return stage(a) < stage(b); }));
}

}  // namespace
}  // namespace berth::net
