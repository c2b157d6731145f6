#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/files.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kSteps[] = {"prepare host", "veth",    "task end",
                                  "host end",     "carrier", "firewall"};

class AttachTest : public TestHost {
 protected:
  void ExpectNothingLeft(const std::string& before) {
    EXPECT_TRUE(DumpHost() == before) << DumpHost();
    const auto sweep = SweepExcept({}, lock_);
    ASSERT_TRUE(sweep) << sweep.error().message();
    EXPECT_TRUE(sweep->Empty());
  }
  void Stop(const std::string& id) {
    const auto detached = Detach(id, LinkEnd::kDeleteNow, lock_);
    EXPECT_TRUE(detached) << detached.error().message();
  }
};

TEST_F(AttachTest, GivesTheTaskItsInterfaceAddressAndWayOut) {
  const Attachment plan = Plan("aa11", 5);
  const Netns task = Start(plan);
  const auto seen = task.Run([]() -> Result<std::string> {
    return Output({"/usr/sbin/ip", "address", "show", "eth0"}) +
           Output({"/usr/sbin/ip", "route", "show"}) + Output({"/usr/sbin/ip", "neighbour"});
  });
  EXPECT_THAT(*seen, HasSubstr(plan.mac.Format()));
  EXPECT_THAT(*seen, HasSubstr("inet 10.9.0.5/32 scope global eth0"));
  EXPECT_THAT(*seen, HasSubstr("default via 10.9.0.1 dev eth0 proto 66 onlink"));
  EXPECT_THAT(*seen, HasSubstr("PERMANENT"));
  EXPECT_THAT(*seen, Not(HasSubstr("inet6")));
}

TEST_F(AttachTest, MarksEverythingOnTheHostWithTheId) {
  const Netns task = Start(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
  const std::string link =
      Output({"/usr/sbin/ip", "-d", "link", "show", HostInterfaceName("aa11")});
  EXPECT_THAT(link, HasSubstr("alias aa11"));
  EXPECT_THAT(link, HasSubstr("group 25204"));
  const std::string rules = Output({"/usr/sbin/nft", "list", "ruleset"});
  for (const char* element :
       {"elements = { \"bt3183e9a99d99\" . 02:9d:a9:e9:83:31 . 10.9.0.5 comment \"aa11\" }",
        "elements = { \"bt3183e9a99d99\" comment \"aa11\" : goto groups_98c3152d2f5b64bb.egress }",
        "elements = { 10.9.0.5 comment \"aa11\" : goto groups_98c3152d2f5b64bb.ingress }",
        "elements = { tcp . 8080 comment \"aa11\" : 10.9.0.5 . 80 }"}) {
    EXPECT_THAT(rules, HasSubstr(element));
  }
  // nft must be able to tell it to programs as well.
  EXPECT_THAT(Output({"/usr/sbin/nft", "-j", "list", "ruleset"}), HasSubstr("\"aa11\""));
}

TEST_F(AttachTest, TakesTheMtuOfTheDefaultRoute) {
  const Netns outside = MakeOutside();
  Output({"/usr/sbin/ip", "link", "set", "uplink", "mtu", "1400"});
  const Netns task = Start(Plan("aa11", 5));
  EXPECT_THAT(Output({"/usr/sbin/ip", "link", "show", HostInterfaceName("aa11")}),
              HasSubstr("mtu 1400"));
}

TEST_F(AttachTest, TurnsForwardingOn) {
  EXPECT_EQ(*ReadFile("/proc/sys/net/ipv4/ip_forward"), "0\n");
  const Netns task = Start(Plan("aa11", 5));
  EXPECT_EQ(*ReadFile("/proc/sys/net/ipv4/ip_forward"), "1\n");
}

TEST_F(AttachTest, DetachLeavesNothingAndMayBeRepeated) {
  const std::string before = DumpHost();
  const Netns task = Start(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kUdp, 53, 53}}));
  Stop("aa11");
  ExpectNothingLeft(before);
  Stop("aa11");
  Stop("never-attached");
  ExpectNothingLeft(before);
}

TEST_F(AttachTest, DetachNeedsNoNamespace) {
  const std::string before = DumpHost();
  { const Netns task = Start(Plan("aa11", 5)); }
  Stop("aa11");
  ExpectNothingLeft(before);
}

TEST_F(AttachTest, DetachCanLeaveTheInterfaceToDieWithItsNamespace) {
  const std::string before = DumpHost();
  {
    const Netns task = Start(Plan("aa11", 5));
    EXPECT_EQ(Connect(task, "10.9.0.1", 80), Reach::kRefused);
    ASSERT_TRUE(Detach("aa11", LinkEnd::kDiesWithNamespace, lock_));
    EXPECT_EQ(Connect(task, "10.9.0.1", 80), Reach::kSilence) << "it must be cut off at once";
    EXPECT_EQ(Output({"/usr/sbin/nft", "list", "ruleset"}), "");
  }
  for (int tries = 0; tries < 100 && DumpHost() != before; ++tries) ::usleep(20'000);
  ExpectNothingLeft(before);
}

TEST_F(AttachTest, KeepsTheOthersWhenOneGoes) {
  const std::string before = DumpHost();
  const Netns one = Start(Plan("aa11", 5));
  const Netns two = Start(Plan("bb22", 6));
  Server server(two, Protocol::kTcp, 80);
  Stop("aa11");
  EXPECT_EQ(Connect(host_, "10.9.0.6", 80), Reach::kConnected);
  Stop("bb22");
  ExpectNothingLeft(before);
}

TEST_F(AttachTest, TheLastMemberTakesItsGroupsAlong) {
  const SecurityGroup web = {.id = "sg-web", .ingress = {{.peer = GroupReference{"sg-far"}}}};
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}));
  const std::string before = DumpHost();
  const Netns two = Start(Plan("bb22", 6, {DefaultGroup(), web}));
  const Netns three = Start(Plan("cc33", 7, {web}));
  Stop("bb22");
  EXPECT_THAT(Output({"/usr/sbin/nft", "list", "ruleset"}),
              AllOf(HasSubstr("chain sg-web.ingress"), HasSubstr("set sg-far.members")));
  Stop("cc33");
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(AttachTest, TakesFiveGroupsOfTheLongestNames) {
  std::vector<SecurityGroup> groups;
  for (const char digit : {'1', '2', '3', '4', '5'}) {
    groups.push_back({.id = "sg-" + std::string(61, digit)});
  }
  const Netns one = Start(Plan("aa11", 5, groups));
  EXPECT_THAT(Output({"/usr/sbin/nft", "-j", "list", "ruleset"}), HasSubstr(groups[4].id));
  Stop("aa11");
}

TEST_F(AttachTest, GivesASecondInterfaceAWayToItsOwnBlocksAlone) {
  const Netns task = Start(Plan("aa11", 5));
  Attachment second = Plan("bb22", 6);
  second.interfaceName = "net1";
  second.routes = {*Ipv4Cidr::Parse("10.9.0.0/24"), *Ipv4Cidr::Parse("192.168.0.0/16")};
  const auto attached = Attach(second, task, lock_);
  ASSERT_TRUE(attached) << attached.error().message();
  const auto routes = task.Run([]() -> Result<std::string> {
    return Output({"/usr/sbin/ip", "route", "show"});
  });
  EXPECT_THAT(*routes, HasSubstr("default via 10.9.0.1 dev eth0"));
  EXPECT_THAT(*routes, HasSubstr("10.9.0.0/24 via 10.9.0.1 dev net1"));
  EXPECT_THAT(*routes, HasSubstr("192.168.0.0/16 via 10.9.0.1 dev net1"));
}

TEST_F(AttachTest, SweepsEachOwnersAttachmentsAlone) {
  const Netns of_agent = Start(Plan("aa11", 5));
  const Netns of_cni = Start(Plan("cni-bb22", 6));
  const auto cni = SweepExcept({}, lock_, Owner::kCni);
  ASSERT_TRUE(cni) << cni.error().message();
  EXPECT_EQ(cni->interfaces, std::vector<std::string>{HostInterfaceName("cni-bb22")});
  EXPECT_EQ(cni->ids, std::set<std::string>{"cni-bb22"});
  const auto agent = SweepExcept({}, lock_);
  ASSERT_TRUE(agent) << agent.error().message();
  EXPECT_EQ(agent->interfaces, std::vector<std::string>{HostInterfaceName("aa11")});
  EXPECT_EQ(agent->ids, std::set<std::string>{"aa11"});
}

TEST_F(AttachTest, RefusesAnAddressTwice) {
  const Netns one = Start(Plan("aa11", 5));
  const auto two = Netns::Create();
  const std::string before = DumpHost();
  const auto attached = Attach(Plan("bb22", 5), *two, lock_);
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().message(), "attach bb22: host end: route 10.9.0.5 to it: File exists");
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(AttachTest, RefusesAHostPortTwice) {
  const Netns one = Start(Plan("aa11", 5, {}, {{Protocol::kTcp, 8080, 80}}));
  const auto two = Netns::Create();
  const std::string before = DumpHost();
  const auto attached = Attach(Plan("bb22", 6, {}, {{Protocol::kTcp, 8080, 80}}), *two, lock_);
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().message(),
            "attach bb22: firewall: nftables: add host port 8080/tcp to ports: File exists");
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(AttachTest, RefusesAnIdTwiceAndLeavesTheFirstAlone) {
  const Netns one = Start(Plan("aa11", 5));
  const std::string before = DumpHost();
  const auto again = Attach(Plan("aa11", 5), one, lock_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message(), "attach aa11: prepare host: it is attached already");
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(AttachTest, RefusesWhatCannotBe) {
  Attachment bad = Plan("aa 11", 5);
  EXPECT_FALSE(Attach(bad, host_, lock_));
  bad = Plan("aa11", 1);
  EXPECT_EQ(Attach(bad, host_, lock_).error().message(),
            "10.9.0.1 is no address for a task in subnet subnet-test (10.9.0.0/20)");
}

TEST_F(AttachTest, LeavesNothingWhenAnyStepFails) {
  const std::string before = DumpHost();
  for (const std::string step : kSteps) {
    const auto task = Netns::Create();
    const int status = RunForked("BERTH_FAIL_AT", "net.attach." + step, [&] {
      const auto attached = Attach(Plan("aa11", 5, {DefaultGroup()}), *task, lock_);
      ::_exit(attached ? 1 : 42);
    });
    ASSERT_EQ(WEXITSTATUS(status), 42) << step;
    EXPECT_EQ(DumpHost(), before) << step;
  }
}

TEST_F(AttachTest, SweepCleansUpAfterADeathAtAnyStep) {
  const std::string before = DumpHost();
  for (const std::string step : kSteps) {
    const auto task = Netns::Create();
    const int status = RunForked("BERTH_KILL_AT", "net.attach." + step,
                                 [&] { (void)Attach(Plan("aa11", 5), *task, lock_); });
    ASSERT_EQ(WTERMSIG(status), SIGKILL) << step;
    EXPECT_NE(DumpHost(), before) << step;
    const auto sweep = SweepExcept({}, lock_);
    ASSERT_TRUE(sweep) << sweep.error().message();
    EXPECT_EQ(sweep->ids, std::set<std::string>{"aa11"}) << step;
    EXPECT_EQ(sweep->interfaces.size(), step == "prepare host" ? 0U : 1U) << step;
    EXPECT_TRUE(sweep->table) << step;
    ExpectNothingLeft(before);
  }
}

TEST_F(AttachTest, DetachCleansUpAfterADeathAtAnyStep) {
  const std::string before = DumpHost();
  for (const std::string step : kSteps) {
    const auto task = Netns::Create();
    RunForked("BERTH_KILL_AT", "net.attach." + step,
              [&] { (void)Attach(Plan("aa11", 5), *task, lock_); });
    Stop("aa11");
    ExpectNothingLeft(before);
  }
}

TEST_F(AttachTest, DetachIsFinishedByAnother) {
  const std::string before = DumpHost();
  const Netns one = Start(Plan("aa11", 5));
  const Netns two = Start(Plan("bb22", 6));
  for (const char* id : {"aa11", "bb22"}) {
    const int status = RunForked("BERTH_KILL_AT", "net.detach.firewall",
                                 [&] { (void)Detach(id, LinkEnd::kDeleteNow, lock_); });
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }
  Stop("aa11");
  const auto sweep = SweepExcept({}, lock_);
  ASSERT_TRUE(sweep) << sweep.error().message();
  EXPECT_EQ(sweep->interfaces, std::vector<std::string>{HostInterfaceName("bb22")});
  ExpectNothingLeft(before);
}

TEST_F(AttachTest, SweepLeavesTheLivingAndForeignInterfacesAlone) {
  Output({"/usr/sbin/ip", "link", "add", "bt0", "type", "veth", "peer", "name", "bt1"});
  const Netns one = Start(Plan("aa11", 5));
  const std::string before = DumpHost();
  const Netns two = Start(Plan("bb22", 6));
  const auto sweep = SweepExcept({"aa11"}, lock_);
  ASSERT_TRUE(sweep) << sweep.error().message();
  EXPECT_EQ(sweep->interfaces, std::vector<std::string>{HostInterfaceName("bb22")});
  EXPECT_EQ(sweep->ids, std::set<std::string>{"bb22"});
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(AttachTest, TwoHundredComeAndGo) {
  const std::string before = DumpHost();
  std::vector<Netns> tasks;
  for (int i = 0; i < 200; ++i) {
    tasks.push_back(Start(Plan(fmt::format("task-{}", i), 4 + i, {DefaultGroup()},
                               {{Protocol::kTcp, static_cast<uint16_t>(20000 + i), 80}})));
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Detach(fmt::format("task-{}", i), LinkEnd::kDiesWithNamespace, lock_));
  }
  tasks.clear();
  const auto sweep = SweepExcept({}, lock_);
  ASSERT_TRUE(sweep) << sweep.error().message();
  EXPECT_EQ(sweep->ids.size(), 100U);
  ExpectNothingLeft(before);
}

TEST_F(AttachTest, ManyProcessesAtOnceDoNotDisturbEachOther) {
  const std::string before = DumpHost();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int round = 0; round < 20; ++round) {
        const std::string id = fmt::format("task-{}-{}", i, round);
        const auto task = Netns::Create();
        if (!task || !Attach(Plan(id, 10 + i, {DefaultGroup()}), *task, lock_)) ::_exit(1);
        if (Connect(*task, "10.9.0.1", 9) != Reach::kRefused) ::_exit(2);
        if (!Detach(id, LinkEnd::kDeleteNow, lock_)) ::_exit(3);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  ExpectNothingLeft(before);
}

}  // namespace
}  // namespace berth::net
