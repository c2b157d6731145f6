#include "scheduler/agents/acs_session.h"

#include <gmock/gmock.h>

#include "scheduler/agents/test_agent.h"
#include "scheduler/model/task_changes.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

class AcsSessionTest : public testing::Test {
 protected:
  AcsSessionTest()
      : mint(*SessionMint::Make(at.world.identity().seal_key)), payloads(at.world, mint, 6h) {
    instance = TestWorld::KeyOf(at.AddInstance());
    at.RegisterWeb();
    at.Settle();
  }
  ~AcsSessionTest() override {
    for (const auto& each : sockets) each->Drop();
  }

  void Begin(bool send_credentials = false) {
    socket = sockets.emplace_back(std::make_shared<FakeSocket>());
    session = std::make_shared<AcsSession>(AcsSession::Setup{.loop = loop,
                                                             .world = at.world,
                                                             .payloads = payloads,
                                                             .times = times,
                                                             .instance_key = instance,
                                                             .socket = socket,
                                                             .send_credentials = send_credentials});
    session->Start([this] { ended = true; });
  }
  void Connect(bool send_credentials = false) {
    Begin(send_credentials);
    at.Settle();
  }
  void Tell() {
    session->Reconcile();
    at.Settle();
  }
  wire::PayloadMessage OnePayload() {
    auto payloads_sent = socket->Take<wire::PayloadMessage>();
    EXPECT_THAT(payloads_sent, SizeIs(1));
    return payloads_sent.empty() ? wire::PayloadMessage() : payloads_sent.front();
  }
  bool Until(const std::function<bool()>& done) {
    return RunUntil(loop, [&] {
      at.Settle();
      return done();
    });
  }
  api::Task RunWithRoles() {
    at.AddRole("r");
    at.AddRole("x");
    at.Register(R"({"family": "roles", "taskRoleArn": "r", "executionRoleArn": "x",
                    "containerDefinitions": [{"name": "a", "image": "i", "memory": 10}]})");
    return at.Run({.taskDefinition = "roles"});
  }

  TestWorld at;
  http::IoLoop loop;
  SessionMint mint;
  PayloadBuilder payloads;
  SessionTimes times;
  std::string instance;
  std::vector<std::shared_ptr<FakeSocket>> sockets;  // one for each time that it connected
  std::shared_ptr<FakeSocket> socket;                // the latest
  std::shared_ptr<AcsSession> session;
  bool ended = false;
};

TEST_F(AcsSessionTest, TellsATaskUntilItIsAcknowledged) {
  const api::Task task = at.RunWeb();
  Connect();
  const wire::PayloadMessage payload = OnePayload();
  ASSERT_THAT(payload.tasks, SizeIs(1));
  EXPECT_EQ(payload.tasks[0].arn, task.taskArn);
  EXPECT_EQ(payload.tasks[0].desiredStatus, "RUNNING");
  EXPECT_FALSE(at.Record(task).delivered);
  socket->Ack("of another message");
  EXPECT_FALSE(at.Record(task).delivered);
  socket->Ack(payload.messageId);
  EXPECT_TRUE(at.Record(task).delivered);
  Tell();
  EXPECT_THAT(socket->Take<wire::PayloadMessage>(), IsEmpty());
}

TEST_F(AcsSessionTest, TellsAgainUnderANewIdWhatIsNotAcknowledged) {
  times.resend = 5ms;
  at.RunWeb();
  Connect();
  const wire::PayloadMessage first = OnePayload();
  std::vector<wire::PayloadMessage> again;
  ASSERT_TRUE(Until([&] {
    again = socket->Take<wire::PayloadMessage>();
    return !again.empty();
  }));
  EXPECT_NE(again[0].messageId, first.messageId);
  EXPECT_GT(again[0].seqNum, first.seqNum);
}

TEST_F(AcsSessionTest, TellsNothingThatIsNotDurable) {
  at.RunWeb();
  at.store.Hold();
  Begin();
  EXPECT_THAT(socket->sent, IsEmpty());
  at.Settle();
  EXPECT_THAT(socket->Take<wire::PayloadMessage>(), SizeIs(1));
}

TEST_F(AcsSessionTest, TellsStopsBeforeStartsAndUntilTheTaskHasStopped) {
  const api::Task old = at.RunWeb();
  Connect();
  socket->Ack(OnePayload().messageId);
  BeginStop(at.world, at.Record(old), {.now = at.now});
  const api::Task fresh = at.RunWeb();
  Tell();
  const wire::PayloadMessage payload = OnePayload();
  ASSERT_THAT(payload.tasks, SizeIs(2));
  EXPECT_EQ(payload.tasks[0].arn, old.taskArn);
  EXPECT_EQ(payload.tasks[0].desiredStatus, "STOPPED");
  EXPECT_EQ(payload.tasks[1].arn, fresh.taskArn);
  socket->Ack(payload.messageId);
  Tell();
  EXPECT_THAT(socket->Take<wire::PayloadMessage>(), IsEmpty());
  Connect();  // anew: it may have been forgotten
  EXPECT_THAT(OnePayload().tasks, SizeIs(1));
}

TEST_F(AcsSessionTest, TellsTheInterfaceBeforeTheTask) {
  at.AddNetwork();
  at.Register(TestWorld::kVpc);
  const api::Task task =
      at.Run({.networkConfiguration =
                  ecs::NetworkConfiguration{.awsvpcConfiguration = {.subnets = {"subnet-a"}}},
              .taskDefinition = "vpc"});
  Connect();
  EXPECT_THAT(socket->Take<wire::PayloadMessage>(), IsEmpty());
  const auto attachments = socket->Take<wire::AttachTaskNetworkInterfacesMessage>();
  ASSERT_THAT(attachments, SizeIs(1));
  EXPECT_EQ(attachments[0].taskArn, task.taskArn);
  ASSERT_THAT(attachments[0].elasticNetworkInterfaces, SizeIs(1));
  socket->Ack(attachments[0].messageId);
  ASSERT_TRUE(SubmitTaskStateChange(
      at.As(at.agent, "SubmitTaskStateChange"),
      {.task = task.taskArn,
       .attachments = {{.attachmentArn = attachments[0].elasticNetworkInterfaces[0].attachmentArn,
                        .status = "ATTACHED"}}}));
  Tell();
  EXPECT_THAT(OnePayload().tasks.at(0).elasticNetworkInterfaces, SizeIs(1));
}

TEST_F(AcsSessionTest, NeverRepeatsASequenceNumber) {
  std::vector<int64_t> numbers;
  for (int i = 0; i < 3; ++i) {
    at.RunWeb();
    Connect();
    for (const auto& each : socket->Take<wire::TaskManifestMessage>()) {
      numbers.push_back(each.timeline);
    }
    for (const auto& each : socket->Take<wire::PayloadMessage>()) numbers.push_back(each.seqNum);
    ASSERT_TRUE(at.world.Load());
  }
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(AcsSessionTest, VerifiesTheStopsOfTasksThatNobodyWantsOnce) {
  const api::Task wanted = at.RunWeb();
  const api::Task stopping = at.RunWeb();
  BeginStop(at.world, at.Record(stopping), {.now = at.now});
  Connect();
  const auto manifests = socket->Take<wire::TaskManifestMessage>();
  ASSERT_THAT(manifests, SizeIs(1));
  ASSERT_THAT(manifests[0].tasks, SizeIs(1));
  EXPECT_EQ(manifests[0].tasks[0].taskArn, wanted.taskArn);
  wire::TaskStopVerificationMessage question = {.messageId = manifests[0].messageId};
  for (const std::string& arn : {wanted.taskArn, stopping.taskArn, std::string("task/unknown")}) {
    question.stopCandidates.push_back({.desiredStatus = "STOPPED", .taskArn = arn});
  }
  socket->Say(question);
  at.Settle();
  const auto answers = socket->Take<wire::TaskStopVerificationAck>();
  ASSERT_THAT(answers, SizeIs(1));
  ASSERT_THAT(answers[0].stopTasks, SizeIs(2));
  EXPECT_EQ(answers[0].stopTasks[0].taskArn, stopping.taskArn);
  EXPECT_EQ(answers[0].stopTasks[1].taskArn, "task/unknown");
  socket->Say(question);
  at.Settle();
  EXPECT_THAT(socket->Take<wire::TaskStopVerificationAck>(), IsEmpty());
}

TEST_F(AcsSessionTest, RenewsCredentialsBeforeTheyEnd) {
  const api::Task task = RunWithRoles();
  Connect();
  const wire::PayloadMessage payload = OnePayload();
  ASSERT_TRUE(payload.tasks.at(0).roleCredentials);
  ASSERT_TRUE(payload.tasks.at(0).executionRoleCredentials);
  socket->Ack(payload.messageId);
  // Even if the acknowledgment of the credentials themselves was lost.
  ASSERT_TRUE(at.Record(task).credentials_expire);
  TaskRecord record = at.Record(task);
  record.credentials_expire = Now() + 10min;
  at.world.PutTask(std::move(record));
  Tell();
  const auto renewed = socket->Take<wire::IAMRoleCredentialsMessage>();
  ASSERT_THAT(renewed, SizeIs(2));
  EXPECT_EQ(renewed[0].roleType, "TaskApplication");
  EXPECT_EQ(renewed[1].roleType, "TaskExecution");
  const auto acknowledge = [&](const wire::IAMRoleCredentialsMessage& message) {
    socket->Say(
        wire::IAMRoleCredentialsAckRequest{.messageId = message.messageId,
                                           .credentialsId = message.roleCredentials.credentialsId,
                                           .expiration = message.roleCredentials.expiration});
  };
  acknowledge(renewed[0]);
  EXPECT_LT(*at.Record(task).credentials_expire, Now() + 1h) << "the other one is still to come";
  acknowledge(renewed[1]);
  EXPECT_GT(*at.Record(task).credentials_expire, Now() + 5h);
  Tell();
  EXPECT_THAT(socket->Take<wire::IAMRoleCredentialsMessage>(), IsEmpty());
}

TEST_F(AcsSessionTest, TellsAllCredentialsToAnAgentThatHasJustStarted) {
  RunWithRoles();
  Connect();
  socket->Ack(OnePayload().messageId);
  Connect(true);
  EXPECT_THAT(socket->Take<wire::IAMRoleCredentialsMessage>(), SizeIs(2));
}

TEST_F(AcsSessionTest, EndsATaskWhoseDefinitionIsGone) {
  const api::Task task = at.RunWeb();
  at.world.EraseTaskDefinition(World::DefinitionKey("web", 1));
  Connect();
  EXPECT_THAT(socket->Take<wire::PayloadMessage>(), IsEmpty());
  EXPECT_EQ(at.Record(task).task.lastStatus, "STOPPED");
  EXPECT_EQ(at.Record(task).task.stopCode, api::TaskStopCode::kTaskFailedToStart);
}

TEST_F(AcsSessionTest, DropsAnAgentThatAnswersNoHeartbeats) {
  times.heartbeat = 2ms;
  Connect();
  ASSERT_TRUE(Until([&] { return ended; }));
  EXPECT_EQ(socket->end_code(), 1006);
  EXPECT_THAT(socket->Take<wire::HeartbeatMessage>(), SizeIs(3));
}

TEST_F(AcsSessionTest, KeepsAnAgentThatAnswersThem) {
  times.heartbeat = 2ms;
  Connect();
  int answered = 0;
  ASSERT_TRUE(Until([&] {
    for (const auto& beat : socket->Take<wire::HeartbeatMessage>()) {
      socket->Say(wire::HeartbeatAckRequest{.messageId = beat.messageId});
      ++answered;
    }
    return answered >= 6;
  }));
  EXPECT_FALSE(ended);
}

TEST_F(AcsSessionTest, LeavesWordsAloneThatItDoesNotKnow) {
  at.RunWeb();
  Connect();
  for (const char* frame : {"", "{", "[]", R"({"type": "Strange", "message": {}})",
                            R"({"type": "AckRequest"})", R"({"type": 3, "message": {}})"}) {
    socket->Say(std::string(frame));
  }
  socket->Say(wire::NackRequest{.messageId = "x", .reason = "no"});
  EXPECT_TRUE(socket->open());
}

}  // namespace
}  // namespace berth::scheduler
