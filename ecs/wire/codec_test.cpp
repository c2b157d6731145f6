// The codecs of ACS and TCS, with what real agents and a server said to each other
// (tests/data/ecs-wire).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "ecs/api/agent.h"
#include "ecs/api/cluster.h"
#include "ecs/api/codec.h"
#include "ecs/api/container_instance.h"
#include "ecs/api/task.h"
#include "ecs/wire/acs_message.h"
#include "ecs/wire/tcs_message.h"

namespace berth::ecs::wire {
namespace {

const std::filesystem::path kRecordings = BERTH_ECS_WIRE;

std::vector<Json> Lines(const char* file) {
  std::vector<Json> lines;
  std::ifstream in(kRecordings / file);
  for (std::string line; std::getline(in, line);) lines.push_back(*ParseJson(line));
  return lines;
}

// Where `had` says something that `has` does not say too: the first such path.
std::string Lost(const Json& had, const Json& has, const std::string& path = "") {
  if (had.is_object()) {
    for (auto field = had.begin(); field != had.end(); ++field) {
      const std::string below = path + "." + field.key();
      const bool empty = field.value().is_structured() && field.value().empty();
      if (!has.contains(field.key())) {
        if (!empty) return below;
      } else if (const auto lost = Lost(field.value(), has[field.key()], below); !lost.empty()) {
        return lost;
      }
    }
    return "";
  }
  if (had.is_array() && had.size() == has.size()) {
    for (size_t i = 0; i < had.size(); ++i) {
      if (const auto lost = Lost(had[i], has[i], fmt::format("{}[{}]", path, i)); !lost.empty()) {
        return lost;
      }
    }
    return "";
  }
  return had == has ? "" : path;
}

template <typename Parse, typename Format>
std::string Reformat(const std::string& frame, Parse parse, Format format) {
  const auto message = parse(frame);
  EXPECT_TRUE(message) << (message ? "" : message.error().message());
  if (!message) return "{}";
  EXPECT_FALSE(std::holds_alternative<UnknownMessage>(*message)) << frame;
  const std::string formatted = format(*message);
  const auto again = parse(formatted);
  EXPECT_TRUE(again) << formatted;
  EXPECT_EQ(again ? format(*again) : "", formatted);
  return formatted;
}

std::string ReformatAs(const std::string& kind, const std::string& frame) {
  if (kind == "acs_send") {
    return Reformat(frame, ParseAcsOrder, [](const AcsOrder& each) { return FormatAcs(each); });
  }
  if (kind == "acs_recv") {
    return Reformat(frame, ParseAcsReply, [](const AcsReply& each) { return FormatAcs(each); });
  }
  if (kind == "tcs_recv") {
    return Reformat(frame, ParseTcsReport, [](const TcsReport& each) { return FormatTcs(each); });
  }
  return Reformat(frame, ParseTcsAnswer, [](const TcsAnswer& each) { return FormatTcs(each); });
}

TEST(WireRecordings, LoseNothingWhenTheyAreReadAndWritten) {
  size_t frames = 0;
  for (const Json& line : Lines("frames.jsonl")) {
    const std::string kind = line["kind"];
    Json frame = line;
    frame.erase("kind");
    SCOPED_TRACE(kind + " " + frame.dump());
    const std::string formatted = ReformatAs(kind, frame.dump());
    EXPECT_EQ(Lost(frame, *ParseJson(formatted)), "") << formatted;
    ++frames;
  }
  EXPECT_GE(frames, 30u);
}

template <typename Request>
std::string ReformatBody(const std::string& body) {
  const auto request = api::ParseBody<Request>(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().message);
  return request ? api::FormatBody(*request) : "{}";
}

TEST(WireRecordings, HoldBodiesThatLoseNothingEither) {
  const std::map<std::string, std::string (*)(const std::string&)> operations{
      {"RegisterContainerInstance", ReformatBody<api::RegisterContainerInstanceRequest>},
      {"DiscoverPollEndpoint", ReformatBody<api::DiscoverPollEndpointRequest>},
      {"SubmitTaskStateChange", ReformatBody<api::SubmitTaskStateChangeRequest>},
      {"CreateCluster", ReformatBody<api::CreateClusterRequest>},
      {"RunTask", ReformatBody<api::RunTaskRequest>}};
  std::set<std::string> seen;
  for (const Json& line : Lines("bodies.jsonl")) {
    const std::string operation = line["operation"];
    SCOPED_TRACE(operation);
    const std::string formatted = operations.at(operation)(line["body"].dump());
    EXPECT_EQ(Lost(line["body"], *ParseJson(formatted)), "") << formatted;
    seen.insert(operation);
  }
  EXPECT_EQ(seen.size(), operations.size());
}

TEST(AcsCodec, ReadsAPayload) {
  const auto order = ParseAcsOrder(
      R"({"type": "PayloadMessage", "message": {"clusterArn": "c", "containerInstanceArn": "i",
          "messageId": "m", "generatedAt": 1795381984483, "seqNum": 7, "timeline": 3, "tasks": [
          {"arn": "a", "desiredStatus": "RUNNING", "cpu": 2, "memory": 128, "zone": "z",
           "containers": [{"name": "web", "environment": {"A": "b"}, "futureField": {}}]}]}})");
  ASSERT_TRUE(order) << order.error().message();
  const auto& payload = std::get<PayloadMessage>(*order);
  EXPECT_EQ(payload.seqNum, 7);
  EXPECT_EQ(payload.tasks[0].cpu, 2.0);
  EXPECT_EQ(payload.tasks[0].containers[0].environment.at("A"), "b");
  EXPECT_TRUE(payload.tasks[0].containers[0].essential);
}

TEST(AcsCodec, WritesWhatAgentsInsistOnThoughItIsEmpty) {
  EXPECT_EQ(FormatAcs(AcsOrder(PayloadMessage{})),
            R"({"type":"PayloadMessage","message":{"clusterArn":"","containerInstanceArn":"",)"
            R"("messageId":"","generatedAt":0,"seqNum":0,"tasks":[]}})");
  EXPECT_EQ(FormatAcs(AcsOrder(TaskManifestMessage{})),
            R"({"type":"TaskManifestMessage","message":{"clusterArn":"","containerInstanceArn":"",)"
            R"("messageId":"","generatedAt":0,"timeline":0,"tasks":[]}})");
  EXPECT_EQ(FormatAcs(AcsOrder(HeartbeatMessage{.healthy = false, .messageId = "m"})),
            R"({"type":"HeartbeatMessage","message":{"healthy":false,"messageId":"m"}})");
  EXPECT_EQ(
      FormatAcs(AcsOrder(IAMRoleCredentialsMessage{.messageId = "m"})),
      R"({"type":"IAMRoleCredentialsMessage","message":{"messageId":"m","taskArn":"",)"
      R"("taskClusterArn":"","roleType":"","roleCredentials":{"credentialsId":"","roleArn":"",)"
      R"("accessKeyId":"","secretAccessKey":"","sessionToken":"","expiration":""}}})");
  EXPECT_EQ(
      FormatAcs(AcsOrder(AttachTaskNetworkInterfacesMessage{
          .waitTimeoutMs = 300000,
          .elasticNetworkInterfaces = {{.ec2Id = "eni-1",
                                        .macAddress = "02:00:00:00:00:01",
                                        .ipv4Addresses = {{true, "10.0.0.5"}},
                                        .subnetGatewayIpv4Address = "10.0.0.1/24"}}})),
      R"({"type":"AttachTaskNetworkInterfacesMessage","message":{"clusterArn":"",)"
      R"("containerInstanceArn":"","messageId":"","taskArn":"","taskClusterArn":"",)"
      R"("generatedAt":0,"waitTimeoutMs":300000,"elasticNetworkInterfaces":[{"attachmentArn":"",)"
      R"("ec2Id":"eni-1","macAddress":"02:00:00:00:00:01","ipv4Addresses":[{"primary":true,)"
      R"("privateAddress":"10.0.0.5"}],"subnetGatewayIpv4Address":"10.0.0.1/24"}]}})");
  EXPECT_EQ(FormatAcs(AcsReply(NackRequest{.reason = "no"})),
            R"({"type":"NackRequest","message":{"cluster":"","containerInstance":"",)"
            R"("messageId":"","reason":"no"}})");
}

TEST(AcsCodec, KnowsNoticesAndKeepsTheirText) {
  const std::string frame =
      R"({"type":"InactiveInstanceException","message":{"message":"Gone \"for good\""}})";
  const auto order = ParseAcsOrder(frame);
  ASSERT_TRUE(order);
  EXPECT_EQ(std::get<ServiceNotice>(*order).type, "InactiveInstanceException");
  EXPECT_EQ(std::get<ServiceNotice>(*order).message, "Gone \"for good\"");
  EXPECT_EQ(FormatAcs(*order), frame);
}

TEST(AcsCodec, NamesMessagesThatItDoesNotKnow) {
  const auto order = ParseAcsOrder(R"({"type": "ConfirmAttachmentMessage", "message": {"a": 1}})");
  ASSERT_TRUE(order);
  EXPECT_EQ(std::get<UnknownMessage>(*order).type, "ConfirmAttachmentMessage");
  const auto reply = ParseAcsReply(R"({"type": "PayloadMessage", "message": {}})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<UnknownMessage>(*reply).type, "PayloadMessage");
}

TEST(AcsCodec, SaysWhereAFrameIsWrong) {
  const auto problem = [](std::string_view frame) {
    return ParseAcsOrder(frame).error().message();
  };
  EXPECT_EQ(problem("{"), "not valid JSON at line 1 column 2");
  EXPECT_EQ(problem("7"), "must be an object, not number");
  EXPECT_EQ(problem("{}"), "type is required\nmessage is required");
  EXPECT_EQ(problem(R"({"type": "PayloadMessage", "message": []})"),
            "message: must be an object, not array");
  EXPECT_EQ(problem(R"({"type": "PayloadMessage", "message": {"tasks": [{"memory": "64"}]}})"),
            "PayloadMessage: message.tasks[0].memory: must be a whole number, not string");
}

TEST(TcsCodec, ReadsMetrics) {
  const auto report = ParseTcsReport(
      R"({"type": "PublishMetricsRequest", "message": {"metadata": {"cluster": "c", "idle": false,
          "fin": true, "messageId": "m", "containerInstance": "i"}, "timestamp": 1795381982.453,
          "taskMetrics": [{"taskArn": "t", "containerMetrics": [{"containerName": "web",
            "cpuStatsSet": {"min": 0.5, "max": 1, "sampleCount": 2, "sum": 1.5},
            "networkStatsSet": {"rxBytes": {"min": 1, "max": 9223372036854775807,
                                            "overflowMax": 1, "sum": 0, "sampleCount": 1}}}]}]}})");
  ASSERT_TRUE(report) << report.error().message();
  const auto& metrics = std::get<PublishMetricsRequest>(*report);
  EXPECT_TRUE(metrics.metadata.fin);
  EXPECT_EQ(metrics.timestamp, WallTime(std::chrono::milliseconds(1'795'381'982'453)));
  const ContainerMetric& container = metrics.taskMetrics[0].containerMetrics[0];
  EXPECT_EQ(container.cpuStatsSet->min, 0.5);
  EXPECT_EQ(container.networkStatsSet->rxBytes->max, INT64_MAX);
  EXPECT_EQ(container.networkStatsSet->rxBytes->overflowMax, 1);
}

TEST(TcsCodec, WritesWhatTheServiceInsistsOnThoughItIsEmpty) {
  EXPECT_EQ(FormatTcs(TcsReport(PublishMetricsRequest{.metadata = {.idle = true}})),
            R"({"type":"PublishMetricsRequest","message":{"metadata":{"cluster":"",)"
            R"("containerInstance":"","idle":true,"fin":false,"messageId":""}}})");
  EXPECT_EQ(FormatTcs(TcsReport(PublishHealthRequest{})),
            R"({"type":"PublishHealthRequest","message":{"metadata":{"cluster":"",)"
            R"("containerInstance":"","fin":false,"messageId":""},"tasks":[]}})");
  EXPECT_EQ(FormatTcs(TcsReport(PublishInstanceStatusRequest{})),
            R"({"type":"PublishInstanceStatusRequest","message":{"metadata":{"cluster":"",)"
            R"("containerInstance":"","requestId":""},"statuses":[]}})");
  EXPECT_EQ(FormatTcs(TcsAnswer(AckPublishHealth{"ok"})),
            R"({"type":"AckPublishHealth","message":{"message":"ok"}})");
  EXPECT_EQ(FormatTcs(TcsAnswer(HeartbeatMessage{})),
            R"({"type":"HeartbeatMessage","message":{"healthy":true}})");
}

TEST(TcsCodec, KnowsNotices) {
  const auto answer =
      ParseTcsAnswer(R"({"type": "StopTelemetrySessionMessage", "message": {"message": "bye"}})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<ServiceNotice>(*answer).message, "bye");
}

}  // namespace
}  // namespace berth::ecs::wire
