#include "net/nft/batch.h"

#include <gtest/gtest.h>

#include "net/nft/references.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

class NftBatchTest : public TestHost {
 protected:
  void SetUp() override {
    TestHost::SetUp();
    if (!host_) return;
    auto opened = NetlinkSocket::Open(NETLINK_NETFILTER);
    ASSERT_TRUE(opened) << opened.error().message();
    socket_.emplace(*std::move(opened));
  }
  void Commit(const NftBatch& batch) {
    const auto committed = batch.Commit(*socket_);
    EXPECT_TRUE(committed) << committed.error().message();
  }

  std::optional<NetlinkSocket> socket_;
};

TEST_F(NftBatchTest, ChainsKnowWhatLeadsToThem) {
  NftBatch batch;
  batch.AddTable("test").AddChain("there").AddChain("here").AddChain("nowhere");
  batch.AddRule(NftRule("there").Accept()).AddRule(NftRule("there").Drop());
  batch.AddRule(NftRule("here").Jump("there")).AddRule(NftRule("here").Goto("there"));
  Commit(batch);
  const auto users = [&](const std::string& chain) {
    const auto counted = CountNftUsers(*socket_, chain);
    EXPECT_TRUE(counted) << counted.error().message();
    return *counted;
  };
  EXPECT_EQ(users("there"), 2);
  EXPECT_EQ(users("here"), 0);
  EXPECT_EQ(users("missing"), std::nullopt);
}

}  // namespace
}  // namespace berth::net
