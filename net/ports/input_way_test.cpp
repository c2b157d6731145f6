// Published ports that obey the host's own input rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;

PublishedPort Guarded(Protocol protocol, uint16_t host, uint16_t container,
                      std::optional<IpAddress> at = {}) {
  return {.protocol = protocol,
          .hostPort = host,
          .containerPort = container,
          .hostAddress = at,
          .obeysInput = true};
}

/// What an operator might have: `rule` in a chain of the hook input with that policy.
void SetInputRules(const std::string& policy, const std::string& rule) {
  Output({"/usr/sbin/nft", "add", "table", "inet", "host"});
  Output({"/usr/sbin/nft", "add", "chain", "inet", "host", "input",
          "{ type filter hook input priority 0 ; policy " + policy + " ; }"});
  Output({"/usr/sbin/nft", "flush", "chain", "inet", "host", "input"});
  if (!rule.empty()) Output({"/usr/sbin/nft", "add", "rule", "inet", "host", "input", rule});
}

class InputWayTest : public TestHost {
 protected:
  void SetUp() override {
    TestHost::SetUp();
    if (host_) outside_ = MakeOutside();
  }

  Netns outside_;
};

TEST_F(InputWayTest, WhatTheHostsRulesLetInReachesTheTaskAsItself) {
  const Netns task = Start(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80)}));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "192.0.2.2") << "the client's own address";
}

TEST_F(InputWayTest, WhatTheyDropDoesNot) {
  const Netns task =
      Start(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80), {Protocol::kTcp, 8081, 80}}));
  Server server(task, Protocol::kTcp, 80);
  SetInputRules("accept", "tcp dport { 8080, 8081 } drop");
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kSilence);
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8081), Reach::kConnected) << "not one that obeys";
  SetInputRules("drop", "");
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kSilence);
  SetInputRules("drop", "ip saddr 192.0.2.2 tcp dport 8080 accept");
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kConnected);
  SetInputRules("drop", "tcp dport 8080 reject with tcp reset");
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kRefused);
}

TEST_F(InputWayTest, DatagramsAndIpv6GoTheSameWay) {
  GiveOutsideIpv6(outside_);
  const Netns task = Start(
      Plan6("web", 5, {}, {Guarded(Protocol::kUdp, 5353, 53), Guarded(Protocol::kTcp, 8080, 80)}));
  Server names(task, Protocol::kUdp, 53), server(task, Protocol::kTcp, 80, "fd00:9::5");
  EXPECT_TRUE(Echoes(outside_, "192.0.2.1", 5353, names, 4444));
  EXPECT_TRUE(Echoes(outside_, "192.0.2.1", 5353, names, 4444)) << "the same flow again";
  EXPECT_EQ(Connect(outside_, "2001:db8::1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "2001:db8::2");
  SetInputRules("accept", "udp dport 5353 drop");
  EXPECT_FALSE(Echoes(outside_, "192.0.2.1", 5353, names, 4445));
  SetInputRules("accept", "meta nfproto ipv6 tcp dport 8080 drop");
  EXPECT_EQ(Connect(outside_, "2001:db8::1", 8080), Reach::kSilence);
}

TEST_F(InputWayTest, TasksAndTheHostItselfAreNotAsked) {
  const Netns task = Start(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80)}));
  const Netns peer = Start(Plan("peer", 6));
  Server server(task, Protocol::kTcp, 80);
  SetInputRules("accept", "tcp dport 8080 drop");
  EXPECT_EQ(Connect(peer, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(task, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kConnected);
}

TEST_F(InputWayTest, OnOneAddressToo) {
  const IpAddress here = *IpAddress::Parse("192.0.2.1");
  const Netns task = Start(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80, here)}));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "127.0.0.1", 8080), Reach::kRefused);
  SetInputRules("accept", "tcp dport 8080 drop");
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kSilence);
}

TEST_F(InputWayTest, GroupsHoldBehindIt) {
  const Netns task = Start(Plan("web", 5, {DefaultGroup()}, {Guarded(Protocol::kTcp, 8080, 80)}));
  Server server(task, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kSilence);
}

TEST_F(InputWayTest, ItIsOpenAgainAfterAFlush) {
  const Netns task = Start(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80)}));
  Server server(task, Protocol::kTcp, 80);
  Output({"/usr/sbin/nft", "flush", "ruleset"});
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kRefused);
  ASSERT_TRUE(RestoreFirewall(lock_, 0));
  EXPECT_EQ(Connect(outside_, "192.0.2.1", 8080), Reach::kConnected);
}

TEST_F(InputWayTest, NothingOfItIsLeftBehindTheLastSuchPort) {
  const Netns other = Start(Plan("other", 6));
  const std::string before = DumpHost();
  const Netns one = Start(Plan("one", 5, {}, {Guarded(Protocol::kTcp, 8080, 80)}));
  const Netns two = Start(Plan("two", 7, {}, {Guarded(Protocol::kTcp, 8081, 80)}));
  Expect(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_THAT(DumpHost(), HasSubstr("berthin0"));
  Expect(Detach("two", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(InputWayTest, NothingOfItIsLeftBehindAFlushEither) {
  const std::string before = DumpHost();
  const Netns task = Start(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80)}));
  Output({"/usr/sbin/nft", "flush", "ruleset"});
  Expect(Detach("web", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(InputWayTest, AStrictReversePathFilterIsNamed) {
  ASSERT_TRUE(WriteControlFile(AT_FDCWD, "/proc/sys/net/ipv4/conf/all/rp_filter", "1"));
  const std::string before = DumpHost();
  const Netns task = *Netns::Create();
  const auto refused = Attach(Plan("web", 5, {}, {Guarded(Protocol::kTcp, 8080, 80)}), task, lock_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("net.ipv4.conf.all.rp_filter is 1"));
  EXPECT_EQ(DumpHost(), before);
}

}  // namespace
}  // namespace berth::net
