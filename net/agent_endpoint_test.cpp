#include "net/agent_endpoint.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kAddress = "169.254.170.2";

class AgentEndpointTest : public TestHost {
 protected:
  void Open() const { Expect(OpenAgentEndpoint(lock_)); }
  void Close() const { Expect(CloseAgentEndpoint(lock_)); }
};

TEST_F(AgentEndpointTest, TasksOfEveryPolicyReachItUnderTheirOwnAddress) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  const Netns bridge = Start(Plan("bridge", 5));
  const Netns grouped = Start(Plan("grouped", 6, {DefaultGroup()}));
  const Netns mute = Start(Plan("mute", 7, {MuteGroup()}));
  const std::vector<std::pair<const Netns*, std::string>> tasks = {
      {&bridge, "10.9.0.5"}, {&grouped, "10.9.0.6"}, {&mute, "10.9.0.7"}};
  for (const auto& [task, address] : tasks) {
    EXPECT_EQ(Connect(*task, kAddress, 80), Reach::kConnected) << address;
    EXPECT_EQ(agent.Peer(), address);
  }
}

TEST_F(AgentEndpointTest, TheHostReachesItWithoutAnyTask) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  EXPECT_EQ(Connect(host_, kAddress, 80), Reach::kConnected);
  EXPECT_EQ(agent.Peer(), kAddress);
}

TEST_F(AgentEndpointTest, TasksReachThatPortAlone) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  Server other(host_, Protocol::kTcp, 8080);
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(Connect(task, kAddress, kAgentPort), Reach::kRefused);
  EXPECT_EQ(Connect(task, kAddress, 8080), Reach::kRefused);
  EXPECT_EQ(Connect(task, "169.254.169.254", 80), Reach::kRefused);
  EXPECT_EQ(Connect(task, "169.254.0.1", 80), Reach::kRefused);
}

TEST_F(AgentEndpointTest, TheNetworkDoesNotReachIt) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  const Netns outside = MakeOutside();
  ASSERT_TRUE(outside.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "route", "add", "169.254.170.2/32", "via", "192.0.2.1"});
    return {};
  }));
  EXPECT_EQ(Connect(outside, kAddress, 80), Reach::kSilence);
  EXPECT_EQ(Connect(outside, kAddress, kAgentPort), Reach::kSilence);
  EXPECT_EQ(Connect(outside, "192.0.2.1", kAgentPort), Reach::kRefused) << "nothing listens there";
}

TEST_F(AgentEndpointTest, AnotherTasksAddressIsNoWayIn) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  const Netns task = Start(Plan("one", 5));
  const Netns victim = Start(Plan("two", 6));
  ASSERT_TRUE(task.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "address", "add", "10.9.0.6/32", "dev", "eth0"});
    return {};
  }));
  EXPECT_EQ(Connect(task, kAddress, 80, "10.9.0.6"), Reach::kSilence);
  EXPECT_EQ(agent.Peer(), "nobody");
}

TEST_F(AgentEndpointTest, APublishedPortDoesNotGetWhatIsForTheAgent) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  const Netns thief = Start(Plan("thief", 5, {}, {{Protocol::kTcp, 80, 80}}));
  const Netns task = Start(Plan("one", 6));
  Server theirs(thief, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kConnected);
  EXPECT_EQ(agent.Peer(), "10.9.0.6");
  EXPECT_EQ(Connect(host_, kAddress, 80), Reach::kConnected);
  EXPECT_EQ(agent.Peer(), kAddress);
  EXPECT_EQ(theirs.Peer(), "nobody");
}

TEST_F(AgentEndpointTest, WithoutAnAgentItIsRefusedAtOnce) {
  const Netns outside = MakeOutside();  // with a way out, a packet could get lost
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kRefused);
  Open();
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kRefused) << "nobody listens";
  Output({"/usr/sbin/ip", "address", "del", "169.254.170.2/32", "dev", "lo"});
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kRefused) << "half open";
  Close();
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kRefused);
}

TEST_F(AgentEndpointTest, OutlivesTheLastAttachmentAndSweeps) {
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  { const Netns task = Start(Plan("one", 5)); }
  ASSERT_TRUE(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_THAT(Output({"/usr/sbin/nft", "list", "tables"}), Not(HasSubstr("inet berth\n")));
  ASSERT_TRUE(SweepExcept({}, lock_));
  EXPECT_EQ(Connect(host_, kAddress, 80), Reach::kConnected);
  const Netns next = Start(Plan("two", 6));
  EXPECT_EQ(Connect(next, kAddress, 80), Reach::kConnected);
}

TEST_F(AgentEndpointTest, ClosingLeavesNothingAndMayBeRepeated) {
  const std::string before = DumpHost();
  Close();
  Open();
  const std::string open = DumpHost();
  EXPECT_NE(open, before);
  Open();
  EXPECT_EQ(DumpHost(), open);
  Close();
  Close();
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(AgentEndpointTest, TakesOverWhatAKilledAgentLeft) {
  Output({"/usr/sbin/nft", "add", "table", "inet", "berth_agent"});
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  EXPECT_EQ(Connect(host_, kAddress, 80), Reach::kConnected);
  Close();
  Output({"/usr/sbin/ip", "address", "add", "169.254.170.2/32", "dev", "lo"});
  Open();
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kConnected);
}

TEST_F(AgentEndpointTest, OpensTheWayForTasksOfAnOlderBerth) {
  Output({"/usr/sbin/nft", "add", "table", "inet", "berth", "{ comment \"layout 1\" ; }"});
  const Netns task = Start(Plan("one", 5));
  // Its layout had no such way.
  Output({"/usr/sbin/nft", "flush", "chain", "inet", "berth", "from_task"});
  Output({"/usr/sbin/nft", "add", "rule", "inet", "berth", "from_task", "drop"});
  Open();
  Server agent(host_, Protocol::kTcp, kAgentPort, kAddress);
  EXPECT_EQ(Connect(task, kAddress, 80), Reach::kConnected);
}

}  // namespace
}  // namespace berth::net
