#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

class RemovalTest : public TestHost {
 protected:
  static SecurityGroup WebGroup() { return {.id = "sg-web", .ingress = {{.peer = Ipv4Cidr()}}}; }
  void Stop(const std::string& id) {
    const auto detached = Detach(id, LinkEnd::kDiesWithNamespace, lock_);
    EXPECT_TRUE(detached) << detached.error().message();
  }
  static std::string Rules() { return Output({"/usr/sbin/nft", "list", "ruleset"}); }
};

TEST_F(RemovalTest, TakesOneOfAGroupAndLeavesTheGroup) {
  const Netns one = Start(Plan("aa11", 5, {WebGroup()}, {{Protocol::kTcp, 8080, 80}}));
  const Netns two = Start(Plan("bb22", 6, {WebGroup()}, {{Protocol::kTcp, 8081, 80}}));
  const Netns outside = MakeOutside();
  Stop("aa11");
  EXPECT_THAT(Rules(), Not(HasSubstr("aa11")));
  EXPECT_THAT(Rules(), HasSubstr("sg-web.ingress"));
  Server server(two, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8081), Reach::kConnected);
  EXPECT_NE(Connect(outside, "192.0.2.1", 8080), Reach::kConnected);
}

TEST_F(RemovalTest, TakesTheGroupWithTheLastOfItBesideOthers) {
  const Netns one = Start(Plan("aa11", 5, {WebGroup()}));
  const Netns two = Start(Plan("bb22", 6));
  Stop("aa11");
  EXPECT_THAT(Rules(), Not(HasSubstr("sg-web")));
  EXPECT_THAT(Rules(), HasSubstr("bb22"));
}

TEST_F(RemovalTest, TakesTheRestOfWhatSomebodyElseHasTakenAPartOf) {
  const Netns one = Start(Plan("aa11", 5, {WebGroup()}, {{Protocol::kTcp, 8080, 80}}));
  const Netns two = Start(Plan("bb22", 6, {WebGroup()}));
  Output({"/usr/sbin/nft", "delete", "element", "inet", "berth", "ports", "{ tcp . 8080 }"});
  Stop("aa11");
  EXPECT_THAT(Rules(), Not(HasSubstr("aa11")));
  EXPECT_THAT(Rules(), HasSubstr("bb22"));
}

TEST_F(RemovalTest, TakesWhatNoEntryOfTheLedgerTellsOf) {
  const Netns one = Start(Plan("aa11", 5, {WebGroup()}));
  const Netns two = Start(Plan("bb22", 6, {WebGroup()}));
  Output({"/usr/bin/rm", lock_ + ".d/aa11"});
  Stop("aa11");
  EXPECT_THAT(Rules(), Not(HasSubstr("aa11")));
  EXPECT_THAT(Rules(), HasSubstr("bb22"));
}

TEST_F(RemovalTest, CutsOffIpv6WhereItIsOn) {
  const Netns one = Start(Plan6("aa11", 5, {WebGroup()}));
  const Netns two = Start(Plan6("bb22", 6, {WebGroup()}));
  Stop("aa11");
  const std::string routes = Output({"/usr/sbin/ip", "-6", "route", "show"});
  EXPECT_THAT(routes, Not(HasSubstr("fd00:9::5 ")));
  EXPECT_THAT(routes, HasSubstr("fd00:9::6 "));
  const std::string address =
      Output({"/usr/sbin/ip", "-6", "address", "show", "dev", HostInterfaceName("aa11")});
  EXPECT_EQ(address, "");
}

}  // namespace
}  // namespace berth::net
