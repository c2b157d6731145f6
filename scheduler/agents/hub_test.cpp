#include "scheduler/agents/hub.h"

#include <gmock/gmock.h>

#include "scheduler/agents/test_agent.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;
using testing::HasSubstr;
using testing::SizeIs;

class HubTest : public testing::Test {
 protected:
  HubTest()
      : mint(*SessionMint::Make(at.world.identity().seal_key)),
        payloads(at.world, mint, std::chrono::hours(6)),
        hub({.loop = loop,
             .world = at.world,
             .payloads = payloads,
             .times = {},
             .authenticate = [this](const http::Request&) { return caller; }}) {
    instance = at.AddInstance();
    at.world.SetConnected(TestWorld::KeyOf(instance), false);
    caller = at.agent;
    at.RegisterWeb();
    at.Settle();
  }
  ~HubTest() override {
    for (const auto& socket : sockets) socket->Drop();
  }

  std::shared_ptr<FakeUpgrade> Knock(const std::string& target) {
    const auto upgrade = std::make_shared<FakeUpgrade>();
    hub.Connect({.target = target}, upgrade);
    if (upgrade->socket) sockets.push_back(upgrade->socket);
    at.Settle();
    return upgrade;
  }
  std::string Orders(const std::string& id) const {
    return "/acs/ws?agentVersion=1.2.3&clusterArn=default&dockerVersion=DockerVersion%3A+20.10&"
           "containerInstanceArn=" +
           at.Operator("").arns().Instance("default", id);
  }
  std::string Telemetry(const std::string& id) const {
    return "/tcs/ws?cluster=default&containerInstance=" + id;
  }
  // The type of the envelope of a refusal; "" if it was not refused.
  static std::string NoticeOf(const FakeUpgrade& upgrade) {
    if (!upgrade.refusal) return "";
    const auto order = wire::ParseAcsOrder(upgrade.refusal->body);
    const auto* notice = order ? std::get_if<wire::ServiceNotice>(&*order) : nullptr;
    return notice == nullptr ? "no envelope" : notice->type;
  }

  TestWorld at;
  http::IoLoop loop;
  SessionMint mint;
  PayloadBuilder payloads;
  ecs::ApiResult<Principal> caller;
  AgentHub hub;
  std::string instance;
  std::vector<std::shared_ptr<FakeSocket>> sockets;
};

TEST_F(HubTest, RefusesWithEnvelopesThatAgentsRead) {
  EXPECT_EQ(NoticeOf(*Knock(Orders("unknown"))), "InactiveInstanceException");
  EXPECT_EQ(NoticeOf(*Knock(Telemetry("unknown"))), "InactiveInstanceException");
  caller = at.other_agent;
  EXPECT_EQ(NoticeOf(*Knock(Orders(instance))), "AccessDeniedException");
  EXPECT_EQ(NoticeOf(*Knock(Telemetry(instance))), "AccessDeniedException");
  caller = Principal{.arn = at.agent.arn, .name = "no policies"};
  EXPECT_EQ(NoticeOf(*Knock(Orders(instance))), "AccessDeniedException");
  caller = ecs::Refuse("ExpiredTokenException", "too old");
  const auto expired = Knock(Orders(instance));
  EXPECT_EQ(expired->refusal->status, 400);
  EXPECT_THAT(expired->refusal->body, HasSubstr("ExpiredTokenException"));
  EXPECT_EQ(Knock("/elsewhere")->refusal->status, 404);
}

TEST_F(HubTest, AsksPoliciesAboutTheInstanceThatIsMeant) {
  // However it is written, it is this cluster's.
  Principal cautious = PrincipalWith(PrincipalKind::kAgent, "agents/one", R"({"Statement": [
      {"Effect": "Allow", "Action": "*", "Resource": "*"},
      {"Effect": "Deny", "Action": "ecs:Poll", "Resource": "*", "Condition": {"ArnEquals": {
        "ecs:cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/default"}}}]})");
  caller = cautious;
  EXPECT_EQ(NoticeOf(*Knock("/acs/ws?containerInstanceArn=" + instance)), "AccessDeniedException");
}

TEST_F(HubTest, NotesWhoIsConnectedAndWithWhichAgent) {
  const std::string key = TestWorld::KeyOf(instance);
  const auto upgrade = Knock(Orders(instance));
  ASSERT_TRUE(upgrade->socket);
  EXPECT_TRUE(at.world.Connected(key));
  EXPECT_EQ(hub.connected(), 1u);
  EXPECT_EQ(at.world.instances().Find(key)->instance.versionInfo.agentVersion, "1.2.3");
  EXPECT_EQ(at.world.instances().Find(key)->instance.versionInfo.dockerVersion, "20.10");
  upgrade->socket->Drop();
  EXPECT_FALSE(at.world.Connected(key));
  EXPECT_EQ(hub.connected(), 0u);
}

TEST_F(HubTest, HasOneConnectionAnInstance) {
  const auto first = Knock(Orders(instance));
  const auto second = Knock(Orders(instance));
  EXPECT_FALSE(first->socket->open());
  EXPECT_TRUE(second->socket->open());
  EXPECT_TRUE(at.world.Connected(TestWorld::KeyOf(instance)));
  const auto telemetry = Knock(Telemetry(instance));
  EXPECT_TRUE(second->socket->open());
  EXPECT_TRUE(Knock(Telemetry(instance))->socket->open());
  EXPECT_FALSE(telemetry->socket->open());
}

TEST_F(HubTest, TellsAgentsOfInstancesThatWereTouched) {
  const auto upgrade = Knock(Orders(instance));
  at.RunWeb();
  hub.TellWhatIsDue();
  at.Settle();
  EXPECT_THAT(upgrade->socket->Take<wire::PayloadMessage>(), SizeIs(1));
  hub.TellWhatIsDue();
  at.Settle();
  EXPECT_THAT(upgrade->socket->Take<wire::PayloadMessage>(), SizeIs(0));
}

TEST_F(HubTest, HangsUpOnInstancesThatAreGone) {
  const auto upgrade = Knock(Orders(instance));
  at.world.EraseInstance(TestWorld::KeyOf(instance));
  hub.TellWhatIsDue();
  EXPECT_FALSE(upgrade->socket->open());
}

}  // namespace
}  // namespace berth::scheduler
