// What real agents and clients said (amazon-ecs-agent 1.83.0 and 1.101.2, aws-cli 2.9.19), said
// again to the scheduler, by the clock of the recording.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "ecs/api/codec.h"
#include "scheduler/agents/hub.h"
#include "scheduler/agents/test_agent.h"
#include "scheduler/iam/new_user.h"
#include "scheduler/server/front.h"
#include "scheduler/server/principals.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;
using testing::HasSubstr;

constexpr const char* kInstance = "0123456789abcdef0123456789abcdef";

std::vector<Json> ReadLines(const std::string& name) {
  std::vector<Json> lines;
  std::ifstream file(std::string(BERTH_ECS_WIRE "/") + name);
  for (std::string line; std::getline(file, line);) lines.push_back(*ParseJson(line));
  return lines;
}

// 20261122T212114Z
WallTime ClockOf(const http::Request& request) {
  const std::string date(request.headers.Find("X-Amz-Date").value_or(""));
  if (date.size() != 16) return {};
  return ParseTime(fmt::format("{}-{}-{}T{}:{}:{}Z", date.substr(0, 4), date.substr(4, 2),
                               date.substr(6, 2), date.substr(9, 2), date.substr(11, 2),
                               date.substr(13, 2)))
      .ValueOr(WallTime());
}

class Replay : public testing::Test {
 protected:
  Replay()
      : mint(*SessionMint::Make(at.world.identity().seal_key)),
        payloads(at.world, mint, std::chrono::hours(6)),
        principals(PrincipalsOf(at.world)),
        hub({.loop = loop,
             .world = at.world,
             .payloads = payloads,
             .times = {},
             .authenticate = Authentication()}),
        front({.world = at.world,
               .agents = hub,
               .settings = at.settings,
               .authenticate = Authentication()}) {
    const std::string agent = AddUser("host", kAgentPath, "AKIDSTUB", "secretstub");
    const std::string operator_arn = AddUser("cli", "/", "a", "b");
    InstanceRecord instance = {.cluster = "default", .id = kInstance, .registered_by = agent};
    instance.instance.containerInstanceArn = at.Operator("").arns().Instance("default", kInstance);
    instance.instance.status = "ACTIVE";
    at.world.PutInstance(std::move(instance));
    at.Register(R"({"family": "x", "containerDefinitions": [
        {"name": "a", "image": "i", "memory": 10}]})");
    at.Settle();
  }
  ~Replay() override {
    for (const auto& socket : sockets) socket->Drop();
  }

  std::string AddUser(const std::string& name, const std::string& path, const std::string& id,
                      const std::string& secret) {
    UserRecord user = NewUser(at.world.identity(), name, path, at.now);
    if (path == "/") {
      user.policies = {
          {"all", R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})"}};
    }
    at.world.PutUser(user);
    at.world.PutAccessKey({.access_key_id = id, .secret_access_key = secret, .user = name});
    return user.arn;
  }
  std::function<ecs::ApiResult<Principal>(const http::Request&)> Authentication() {
    return [this](const http::Request& request) {
      return Authenticate(request, principals, mint, ClockOf(request));
    };
  }
  void AddTask(const std::string& arn, const std::vector<std::string>& containers) {
    TaskRecord record = {
        .cluster = "default", .id = std::string(LastPart(arn)), .instance = kInstance};
    record.task.taskArn = arn;
    record.task.lastStatus = "PENDING";
    record.task.desiredStatus = "RUNNING";
    record.task.taskDefinitionArn = at.Operator("").arns().TaskDefinition("x", 1);
    record.delivered = true;
    for (const std::string& name : containers) record.task.containers.push_back({.name = name});
    at.world.PutTask(std::move(record));
  }
  http::Response Serve(const http::Request& request) {
    http::Response answer = {.status = 0};
    front.Serve(request, [&](http::Response response) { answer = std::move(response); });
    at.Settle();
    return answer;
  }

  TestWorld at;
  http::IoLoop loop;
  SessionMint mint;
  PayloadBuilder payloads;
  IdentitySource principals;
  AgentHub hub;
  Front front;
  std::vector<std::shared_ptr<FakeSocket>> sockets;
};

http::Request RequestOf(const Json& line) {
  http::Request request = {.method = line.at("method").get<std::string>(),
                           .target = line.at("target").get<std::string>(),
                           .body = line.at("body").get<std::string>()};
  for (const auto& [name, value] : line.at("headers").items()) {
    request.headers.Add(name, value.get<std::string>());
  }
  return request;
}

TEST_F(Replay, ServesEveryRequestHandshakeAndFrame) {
  std::map<std::string, std::shared_ptr<FakeSocket>> telemetry;  // by target
  size_t served = 0, frames = 0, handshakes = 0;
  for (const Json& line : ReadLines("signed-requests.jsonl")) {
    if (line.contains("frame")) {
      const auto& socket = telemetry.at(line.at("target").get<std::string>());
      ASSERT_TRUE(socket->open());
      const size_t before = socket->sent.size();
      socket->Say(line.at("frame").get<std::string>());
      ASSERT_EQ(socket->sent.size(), before + 1) << line.dump();
      EXPECT_THAT(socket->sent.back(), HasSubstr("AckPublish"));
      ++frames;
      continue;
    }
    const http::Request request = RequestOf(line);
    if (request.method == "GET") {
      const auto upgrade = std::make_shared<FakeUpgrade>();
      hub.Connect(request, upgrade);
      at.Settle();
      ASSERT_TRUE(upgrade->socket) << upgrade->refusal->body;
      sockets.push_back(upgrade->socket);
      if (request.Path() == "/tcs/ws") telemetry[request.target] = upgrade->socket;
      ++handshakes;
      continue;
    }
    if (request.body.find("\"task\":") != std::string::npos) {
      const Json body = *ParseJson(request.body);
      std::vector<std::string> names;
      for (const Json& each : body.value("containers", Json::array())) {
        names.push_back(each.at("containerName").get<std::string>());
      }
      AddTask(body.at("task").get<std::string>(), names);
    }
    const http::Response response = Serve(request);
    EXPECT_EQ(response.status, 200) << request.body << "\n" << response.body;
    ++served;
  }
  EXPECT_EQ(handshakes, 4u);
  EXPECT_GT(frames, 10u);
  EXPECT_GT(served, 8u);
}

TEST_F(Replay, UnderstandsWhatAgentsSayOfOrders) {
  const auto upgrade = std::make_shared<FakeUpgrade>();
  for (const Json& line : ReadLines("signed-requests.jsonl")) {
    if (!line.contains("method") || upgrade->socket) continue;
    const http::Request request = RequestOf(line);
    if (request.Path() == "/acs/ws") hub.Connect(request, upgrade);
  }
  at.Settle();
  ASSERT_TRUE(upgrade->socket);
  sockets.push_back(upgrade->socket);
  size_t said = 0;
  for (const Json& line : ReadLines("frames.jsonl")) {
    if (line.at("kind") != "acs_recv") continue;
    const Json frame = {{"type", line.at("type")}, {"message", line.at("message")}};
    ASSERT_TRUE(wire::ParseAcsReply(frame.dump()));
    upgrade->socket->Say(frame.dump());
    ++said;
  }
  EXPECT_GT(said, 5u);
  EXPECT_TRUE(upgrade->socket->open());
}

TEST_F(Replay, RefusesWhatWasAlteredOrIsTooOldByItsAwsName) {
  for (const Json& line : ReadLines("signed-requests.jsonl")) {
    if (line.contains("frame")) continue;
    http::Request request = RequestOf(line);
    if (request.method != "POST") continue;
    request.body += " ";
    const http::Response response = Serve(request);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.headers.Find("x-amzn-ErrorType"), "InvalidSignatureException");
  }
}

}  // namespace
}  // namespace berth::scheduler
