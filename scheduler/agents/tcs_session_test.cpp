#include "scheduler/agents/tcs_session.h"

#include <gmock/gmock.h>

#include "scheduler/agents/test_agent.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;
using api::HealthStatus;
using testing::HasSubstr;
using testing::SizeIs;

class TcsSessionTest : public testing::Test {
 protected:
  TcsSessionTest() : socket(std::make_shared<FakeSocket>()) {
    instance = at.AddInstance();
    other_instance = at.AddInstance();
    at.Register(R"({"family": "web", "containerDefinitions": [
        {"name": "a", "image": "i", "memory": 10, "healthCheck": {"command": ["CMD", "x"]}},
        {"name": "b", "image": "i", "memory": 10, "healthCheck": {"command": ["CMD", "x"]}},
        {"name": "c", "image": "i", "memory": 10}]})");
    Start(std::chrono::seconds(30));
  }
  ~TcsSessionTest() override { socket->Drop(); }

  void Start(std::chrono::milliseconds heartbeat) {
    socket = std::make_shared<FakeSocket>();
    session = std::make_shared<TcsSession>(TcsSession::Setup{
        .loop = loop,
        .world = at.world,
        .instance_key = TestWorld::KeyOf(instance),
        .socket = socket,
        .open_frame = [](const std::string& frame) -> ecs::ApiResult<std::string> {
          if (frame.starts_with("forged")) return ecs::Refuse("InvalidSignatureException", "no");
          return frame;
        },
        .heartbeat = heartbeat});
    session->Start([this] { ended = true; });
  }
  api::Task RunOn(const std::string& where) {
    return StartTask(at.Operator("StartTask"),
                     {.containerInstances = {where}, .taskDefinition = "web"})
        ->tasks.at(0);
  }
  void Health(const api::Task& task, const char* container, const char* status) {
    wire::TaskHealth health = {.taskArn = task.taskArn};
    health.containers = {{.containerName = container, .healthStatus = status}};
    wire::PublishHealthRequest report;
    report.tasks = {health};
    socket->Say(wire::FormatTcs(report));
  }
  void Status(std::vector<wire::InstanceStatus> statuses) {
    wire::PublishInstanceStatusRequest report;
    report.statuses = std::move(statuses);
    socket->Say(wire::FormatTcs(report));
  }
  const auto& HealthOfInstance() {
    return at.world.instances().Find(TestWorld::KeyOf(instance))->instance.healthStatus;
  }

  TestWorld at;
  http::IoLoop loop;
  std::shared_ptr<FakeSocket> socket;
  std::shared_ptr<TcsSession> session;
  std::string instance, other_instance;
  bool ended = false;
};

TEST_F(TcsSessionTest, TakesTheWorstHealthAsTheTasks) {
  const api::Task task = RunOn(instance);
  EXPECT_EQ(at.Record(task).task.healthStatus, HealthStatus::kUnknown);
  Health(task, "a", "HEALTHY");
  EXPECT_EQ(at.Record(task).task.healthStatus, HealthStatus::kUnknown);
  Health(task, "b", "HEALTHY");
  EXPECT_EQ(at.Record(task).task.healthStatus, HealthStatus::kHealthy);
  Health(task, "b", "UNHEALTHY");
  EXPECT_EQ(at.Record(task).task.healthStatus, HealthStatus::kUnhealthy);
  Health(task, "c", "UNHEALTHY");  // it has no health check
  Health(task, "b", "NONSENSE");
  Health(task, "b", "HEALTHY");
  EXPECT_EQ(at.Record(task).task.healthStatus, HealthStatus::kHealthy);
  EXPECT_THAT(socket->sent.back(), HasSubstr("AckPublishHealth"));
}

TEST_F(TcsSessionTest, HearsOfTheAgentsOwnTasksAlone) {
  const api::Task other = RunOn(other_instance);
  const api::Task own = RunOn(instance);
  Health(other, "a", "UNHEALTHY");
  EXPECT_EQ(at.Record(other).task.healthStatus, HealthStatus::kUnknown);
  wire::PublishMetricsRequest report;
  report.taskMetrics = {{.taskArn = other.taskArn}, {.taskArn = own.taskArn}};
  socket->Say(wire::FormatTcs(report));
  const auto metrics = [&](const api::Task& task) {
    return at.world.MetricsOf(World::Key("default", LastPart(task.taskArn)));
  };
  EXPECT_EQ(metrics(other), nullptr);
  EXPECT_NE(metrics(own), nullptr);
  EXPECT_THAT(socket->sent.back(), HasSubstr("AckPublishMetric"));
}

TEST_F(TcsSessionTest, NotesTheInstancesHealthWhenItChanges) {
  Status({{.type = "ContainerRuntime", .status = "OK"}});
  ASSERT_TRUE(HealthOfInstance());
  EXPECT_EQ(HealthOfInstance()->overallStatus, "OK");
  EXPECT_EQ(HealthOfInstance()->details.at(0).type, "CONTAINER_RUNTIME");
  Status({{.type = "ContainerRuntime", .status = "OK"}, {.type = "Disk", .status = "IMPAIRED"}});
  EXPECT_EQ(HealthOfInstance()->overallStatus, "IMPAIRED");
  Status({{.type = "ContainerRuntime", .status = "IMPAIRED"}, {.type = "Disk", .status = "OK"}});
  EXPECT_EQ(HealthOfInstance()->details.at(0).status, "IMPAIRED");
}

TEST_F(TcsSessionTest, KeepsAnAgentFromGrowingTheInstancesRecord) {
  Status(std::vector<wire::InstanceStatus>(1000, {.type = "T", .status = "OK"}));
  EXPECT_THAT(HealthOfInstance()->details, SizeIs(10));
  Status({{.type = std::string(1 << 20, 't'), .status = "OK"}});
  EXPECT_THAT(HealthOfInstance()->details, SizeIs(0));
}

TEST_F(TcsSessionTest, EndsAtAFrameOfSomebodyElse) {
  socket->Say(std::string("forged"));
  EXPECT_TRUE(ended);
  EXPECT_EQ(socket->end_code(), 1008);
  EXPECT_THAT(socket->sent.back(), HasSubstr("BadRequestException"));
}

TEST_F(TcsSessionTest, GoesOnAfterWordsThatItCannotRead) {
  socket->Say(std::string("{"));
  EXPECT_THAT(socket->sent.back(), HasSubstr("BadRequestException"));
  EXPECT_FALSE(ended);
  socket->Say(std::string(R"({"type": "Strange", "message": {}})"));
  EXPECT_FALSE(ended);
}

TEST_F(TcsSessionTest, SaysThatItIsThere) {
  socket->Drop();
  Start(std::chrono::milliseconds(2));
  ASSERT_TRUE(RunUntil(loop, [&] { return socket->sent.size() >= 2; }));
  EXPECT_THAT(socket->sent.front(), HasSubstr("HeartbeatMessage"));
}

}  // namespace
}  // namespace berth::scheduler
