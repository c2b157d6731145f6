#include "net/examine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ExamineTest : public TestHost {
 protected:
  std::vector<std::string> Missing(const Attachment& attachment, const Netns& task) {
    const auto missing = FindMissing(attachment, task);
    EXPECT_TRUE(missing) << missing.error().message();
    return missing ? *missing : std::vector<std::string>{"nothing could be found out"};
  }
  static void InTask(const Netns& task, std::vector<std::string> words) {
    words.insert(words.begin(), "/usr/sbin/ip");
    ASSERT_TRUE(task.Run([&]() -> Result<void> {
      Output(words);
      return {};
    }));
  }
  void OnHost(std::vector<std::string> words) { Output(words); }

  const std::string ip_ = "/usr/sbin/ip";
  const std::string nft_ = "/usr/sbin/nft";
};

TEST_F(ExamineTest, MissesNothingOfWhatWasJustAttached) {
  const Attachment bridge = Plan("aa11", 5, {}, {{Protocol::kTcp, 8080, 80}});
  const Attachment grouped =
      Plan("bb22", 6, {DefaultGroup(), {.id = "sg-web"}}, {{Protocol::kUdp, 53, 53}});
  const Netns one = Start(bridge);
  const Netns two = Start(grouped);
  EXPECT_THAT(Missing(bridge, one), IsEmpty());
  EXPECT_THAT(Missing(grouped, two), IsEmpty());
}

TEST_F(ExamineTest, MissesEachPartOfTheTaskEnd) {
  const Attachment plan = Plan("aa11", 5);
  const Netns task = Start(plan);
  InTask(task, {"route", "delete", "default"});
  EXPECT_THAT(Missing(plan, task), ElementsAre("eth0 has no route to 0.0.0.0/0 by 10.9.0.1"));
  InTask(task, {"neighbour", "delete", "10.9.0.1", "dev", "eth0"});
  InTask(task, {"address", "delete", "10.9.0.5/32", "dev", "eth0"});
  EXPECT_THAT(Missing(plan, task), ElementsAre("eth0 has no address 10.9.0.5",
                                               "eth0 has no route to 0.0.0.0/0 by 10.9.0.1",
                                               "eth0 has no permanent neighbour 10.9.0.1"));
  InTask(task, {"link", "set", "eth0", "name", "eth7"});
  EXPECT_THAT(Missing(plan, task), ElementsAre("the container has no interface eth0"));
}

TEST_F(ExamineTest, MissesAnotherMacAndAnInterfaceThatIsDown) {
  const Attachment plan = Plan("aa11", 5);
  const Netns task = Start(plan);
  InTask(task, {"link", "set", "eth0", "down", "address", "02:00:00:00:00:09"});
  const auto missing = Missing(plan, task);
  ASSERT_GE(missing.size(), 2u);
  EXPECT_EQ(missing[0], "eth0 is down");
  EXPECT_EQ(missing[1], "eth0 has the MAC 02:00:00:00:00:09, not " + plan.mac.Format());
}

TEST_F(ExamineTest, MissesEachPartOfTheHostEnd) {
  const Attachment plan = Plan("aa11", 5);
  const std::string name = HostInterfaceName("aa11");
  const Netns task = Start(plan);
  OnHost({ip_, "route", "delete", "10.9.0.5", "dev", name});
  OnHost({ip_, "neighbour", "delete", "10.9.0.5", "dev", name});
  OnHost({ip_, "address", "delete", "10.9.0.1/32", "dev", name});
  EXPECT_THAT(Missing(plan, task), ElementsAre(name + " has no address 10.9.0.1",
                                               "the host has no route to 10.9.0.5 by " + name,
                                               name + " has no permanent neighbour 10.9.0.5"));
  OnHost({ip_, "link", "delete", name});
  EXPECT_THAT(Missing(plan, task), ElementsAre("the container has no interface eth0",
                                               "the host has no interface " + name));
}

TEST_F(ExamineTest, MissesEachElementOfTheFirewall) {
  const Attachment plan = Plan("aa11", 5, {{.id = "sg-web"}}, {{Protocol::kTcp, 8080, 80}});
  const Netns task = Start(plan);
  const Netns other = Start(Plan("bb22", 6, {{.id = "sg-web"}}, {{Protocol::kTcp, 8081, 80}}));
  for (const char* set : {"ingress", "egress", "masqueraded", "sg-web.members", "ports"}) {
    OnHost({nft_, "flush",
            set == std::string("ports") || *set == 'i' || *set == 'e' ? "map" : "set", "inet",
            "berth", set});
  }
  EXPECT_THAT(Missing(plan, task),
              ElementsAre("the firewall's egress lacks " + HostInterfaceName("aa11"),
                          "the firewall's ingress lacks 10.9.0.5",
                          "the firewall's masqueraded lacks 10.9.0.5",
                          "the firewall's sg-web.members lacks 10.9.0.5",
                          "the firewall's ports lacks host port 8080/tcp"));
  OnHost({nft_, "flush", "ruleset"});
  EXPECT_THAT(Missing(plan, task), ElementsAre("the firewall has no table inet berth"));
}

TEST_F(ExamineTest, MissesForwarding) {
  const Attachment plan = Plan("aa11", 5);
  const Netns task = Start(plan);
  OnHost({"/usr/sbin/sysctl", "-qw", "net.ipv4.ip_forward=0"});
  EXPECT_THAT(Missing(plan, task), ElementsAre("net.ipv4.ip_forward is off"));
}

}  // namespace
}  // namespace berth::net
