#include "agent/link/orders.h"

#include <gmock/gmock.h>

#include "agent/link/fake_scheduler.h"

namespace berth::agent::link {
namespace {

namespace wire = ecs::wire;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kTask =
    "arn:aws:ecs:us-east-1:1:task/default/0123456789abcdef0123456789abcdef";

class OrdersTest : public testing::Test {
 protected:
  OrdersTest()
      : engine(at.loop, *at.book,
               {.paths = {.root = at.directory, .run = at.directory, .config = "/nonexistent"},
                .workers = 1},
               [](const std::string&) {}),
        reporter(at.loop, *at.api, engine),
        places(*at.api, "instance"),
        orders({.loop = at.loop,
                .api = *at.api,
                .places = places,
                .engine = engine,
                .book = *at.book,
                .reporter = reporter,
                .instance_arn = "instance",
                .heartbeat = [this] { ++heartbeats; },
                .inactive = [this](bool now) { inactive = now; }}) {}

  void Connect() {
    orders.Start();
    ASSERT_TRUE(at.Until([&] { return at.socket != nullptr; }));
  }
  void Say(const wire::AcsOrder& order) { at.socket->Send(wire::FormatAcs(order)); }
  // Says a heartbeat, and returns what the agent has said until it answered that.
  std::vector<wire::AcsReply> Replies() {
    Say(wire::HeartbeatMessage{.messageId = "mark"});
    std::vector<wire::AcsReply> replies;
    EXPECT_TRUE(at.Until([&] {
      for (const std::string& frame : std::exchange(at.said, {})) {
        auto reply = wire::ParseAcsReply(frame);
        if (std::holds_alternative<wire::HeartbeatAckRequest>(*reply)) return true;
        replies.push_back(*std::move(reply));
      }
      return false;
    }));
    return replies;
  }
  // A payload with a task to stop, of which this host has not heard.
  static wire::PayloadMessage Stop(int64_t number) {
    wire::PayloadMessage payload = {.clusterArn = "cluster",
                                    .containerInstanceArn = "instance",
                                    .messageId = fmt::format("payload {}", number),
                                    .seqNum = number};
    payload.tasks = {{.arn = kTask, .family = "web", .version = "1", .desiredStatus = "STOPPED"}};
    return payload;
  }

  FakeScheduler at;
  engine::Engine engine;
  Reporter reporter;
  PollEndpoint places;
  int heartbeats = 0;
  std::optional<bool> inactive;
  Orders orders;
};

TEST_F(OrdersTest, ConnectSigned) {
  Connect();
  const http::Request& handshake = at.handshakes.front();
  EXPECT_THAT(handshake.target, HasSubstr("/acs/ws?agentHash="));
  EXPECT_THAT(handshake.target, HasSubstr("sendCredentials=true"));
  EXPECT_THAT(std::string(*handshake.headers.Find("Authorization")), HasSubstr("AKIA/"));
  EXPECT_EQ(inactive, false);
}

TEST_F(OrdersTest, AreAcknowledgedOnceTheyAreWrittenDown) {
  Connect();
  Say(Stop(3));
  const auto replies = Replies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(std::get<wire::AckRequest>(replies[0]).messageId, "payload 3");
  EXPECT_THAT(*at.book->Tasks(), SizeIs(1));
  EXPECT_EQ(**at.book->Fact("sequence-number"), "3");
  EXPECT_TRUE(engine.Find(kTask)->state.Stopped());
  EXPECT_EQ(heartbeats, 1);
}

TEST_F(OrdersTest, AreDroppedWithoutWhatNamesThem) {
  Connect();
  wire::PayloadMessage nameless = Stop(3);
  nameless.messageId = "";
  Say(nameless);
  at.socket->Send(R"({"type": "Strange", "message": {}})");
  at.socket->Send("{");
  EXPECT_THAT(Replies(), IsEmpty());
  EXPECT_THAT(*at.book->Tasks(), IsEmpty());
}

TEST_F(OrdersTest, HaveManifestsThatCountIfTheyAreNewer) {
  Connect();
  ASSERT_TRUE(at.book->SetFact("sequence-number", "5"));
  Say(wire::TaskManifestMessage{.clusterArn = "c", .messageId = "old", .timeline = 5});
  EXPECT_THAT(Replies(), IsEmpty());
  Say(wire::TaskManifestMessage{.clusterArn = "c", .messageId = "new", .timeline = 6});
  const auto replies = Replies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(std::get<wire::AckRequest>(replies[0]).messageId, "new");
  EXPECT_EQ(**at.book->Fact("sequence-number"), "6");
}

TEST_F(OrdersTest, RefuseUpdates) {
  Connect();
  Say(wire::PerformUpdateMessage{.clusterArn = "c", .messageId = "update"});
  const auto replies = Replies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(std::get<wire::NackRequest>(replies[0]).messageId, "update");
}

TEST_F(OrdersTest, StopAnInstanceThatTheSchedulerDoesNotKnow) {
  at.refusal = http::Response{.status = 400,
                              .body = wire::FormatAcs(wire::AcsOrder(wire::ServiceNotice{
                                  .type = "InactiveInstanceException", .message = "gone"}))};
  orders.Start();
  ASSERT_TRUE(at.Until([&] { return inactive == true; }));
  EXPECT_THAT(at.handshakes, SizeIs(1));
}

TEST_F(OrdersTest, ComeAgainAfterTheConnectionEnded) {
  Connect();
  at.socket->Close(1000, "");
  ASSERT_TRUE(at.Until([&] { return at.handshakes.size() == 2 && at.socket != nullptr; }));
  EXPECT_THAT(at.handshakes[1].target, HasSubstr("sendCredentials=false"));
}

}  // namespace
}  // namespace berth::agent::link
