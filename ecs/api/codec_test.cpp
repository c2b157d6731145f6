#include "ecs/api/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ecs/api/agent.h"
#include "ecs/api/cluster.h"
#include "ecs/api/container_instance.h"
#include "ecs/api/tags.h"
#include "ecs/api/task.h"
#include "ecs/api/task_definition.h"
#include "ecs/parse.h"

namespace berth::ecs::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kTaskDefinitions =
    std::filesystem::path(BERTH_TASK_DEFINITIONS) / "good";

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

template <typename Body>
Body Parsed(std::string_view json) {
  auto body = ParseBody<Body>(json);
  EXPECT_TRUE(body) << (body ? "" : body.error().message);
  return body ? *body : Body{};
}

template <typename Body>
std::string Problem(std::string_view json) {
  const auto body = ParseBody<Body>(json);
  EXPECT_FALSE(body);
  return body ? "" : fmt::format("{}: {}", body.error().code, body.error().message);
}

TEST(ApiCodec, ReadsWhatTheAwsCliSends) {
  const auto request = Parsed<RunTaskRequest>(
      R"({"cluster": "default", "count": 2, "launchType": "EXTERNAL", "taskDefinition": "demo:1",
          "overrides": {"containerOverrides": [{"name": "web", "cpu": 128}], "memory": "512"},
          "placementStrategy": [{"type": "spread", "field": "instanceId"}]})");
  EXPECT_EQ(request.count, 2);
  EXPECT_EQ(request.launchType, LaunchType::kExternal);
  EXPECT_EQ(request.overrides->containerOverrides[0].cpu, 128);
  EXPECT_EQ(request.overrides->memory, 512);
  EXPECT_THAT(request.placementStrategy, testing::ElementsAre(PlacementStrategy{
                                             PlacementStrategyType::kSpread, "instanceId"}));
}

TEST(ApiCodec, TakesAnEmptyBodyForAnEmptyObject) {
  EXPECT_EQ(Parsed<ListClustersRequest>("").maxResults, std::nullopt);
  EXPECT_EQ(Problem<StopTaskRequest>(""), "InvalidParameterException: task is required");
}

TEST(ApiCodec, IgnoresFieldsThatTheModelDoesNotHave) {
  const auto task = Parsed<Task>(
      R"({"taskArn": "arn", "futureField": {"a": [1]}, "containers": [{"name": "web", "x": 1}]})");
  EXPECT_EQ(task.containers[0].name, "web");
}

TEST(ApiCodec, TellsWrongTypesFromWrongValues) {
  EXPECT_EQ(Problem<RunTaskRequest>(R"({"taskDefinition": 7, "launchType": "MOON"})"),
            "SerializationException: launchType: must be one of EC2, FARGATE, EXTERNAL, "
            "MANAGED_INSTANCES, not \"MOON\"; taskDefinition: must be a string, not number");
  EXPECT_EQ(Problem<RunTaskRequest>(R"({"launchType": "MOON"})"),
            "InvalidParameterException: launchType: must be one of EC2, FARGATE, EXTERNAL, "
            "MANAGED_INSTANCES, not \"MOON\"; taskDefinition is required");
  EXPECT_EQ(Problem<RunTaskRequest>("[]"), "SerializationException: must be an object, not array");
  EXPECT_EQ(Problem<RunTaskRequest>(R"({"a":)"),
            "SerializationException: not valid JSON at line 1 column 6");
  EXPECT_EQ(Problem<RunTaskRequest>(R"({"taskDefinition": "web", "tags": [{"key": 1}]})"),
            "SerializationException: tags[0].key: must be a string, not number");
}

TEST(ApiCodec, KeepsTimesAsSecondsWithMilliseconds) {
  using std::chrono::milliseconds;
  const auto read = Parsed<SubmitTaskStateChangeRequest>(
      R"({"pullStartedAt": 1795380301.853, "pullStoppedAt": 1795380302, "executionStoppedAt": 1.8E9})");
  EXPECT_EQ(read.pullStartedAt, WallTime(milliseconds(1'795'380'301'853)));
  EXPECT_EQ(read.pullStoppedAt, WallTime(milliseconds(1'795'380'302'000)));
  EXPECT_EQ(read.executionStoppedAt, WallTime(milliseconds(1'800'000'000'000)));
  EXPECT_EQ(FormatBody(read), R"({"pullStartedAt":1795380301.853,"pullStoppedAt":1795380302,)"
                              R"("executionStoppedAt":1800000000})");
  EXPECT_THAT(Problem<SubmitTaskStateChangeRequest>(R"({"pullStartedAt": "2026-11-22T22:31:16Z"})"),
              HasSubstr("pullStartedAt: must be a number, not string"));
  EXPECT_THAT(Problem<SubmitTaskStateChangeRequest>(R"({"pullStartedAt": 1e300})"),
              HasSubstr("pullStartedAt: must be seconds since 1970"));
}

TEST(ApiCodec, AnswersHoldTheFieldsThatClientsIndex) {
  EXPECT_EQ(FormatBody(TasksResponse{}), R"({"tasks":[],"failures":[]})");
  EXPECT_EQ(FormatBody(DescribeClustersResponse{}), R"({"clusters":[],"failures":[]})");
  EXPECT_EQ(FormatBody(ListTasksResponse{}), R"({"taskArns":[]})");
  EXPECT_EQ(FormatBody(Empty{}), "{}");
  EXPECT_EQ(FormatBody(Cluster{.clusterArn = "arn", .clusterName = "c", .status = "ACTIVE"}),
            R"({"clusterArn":"arn","clusterName":"c","status":"ACTIVE",)"
            R"("registeredContainerInstancesCount":0,"runningTasksCount":0,"pendingTasksCount":0,)"
            R"("activeServicesCount":0,"statistics":[],"tags":[],"settings":[],)"
            R"("capacityProviders":[],"defaultCapacityProviderStrategy":[]})");
  EXPECT_THAT(
      FormatBody(Task{}),
      AllOf(HasSubstr(R"("attachments":[],"attributes":[])"),
            HasSubstr(R"("enableExecuteCommand":false)"), HasSubstr(R"("tags":[])"),
            HasSubstr(
                R"("overrides":{"containerOverrides":[],"inferenceAcceleratorOverrides":[]})")));
}

TEST(ApiCodec, WritesEveryValueOfAResourceAsEcsDoes) {
  EXPECT_EQ(FormatBody(ContainerInstance{
                .registeredResources = {{.name = "CPU", .type = "INTEGER", .integerValue = 2048},
                                        {.name = "PORTS_UDP", .type = "STRINGSET"}}}),
            R"({"containerInstanceArn":"","version":0,"versionInfo":{},"remainingResources":[],)"
            R"("registeredResources":[{"name":"CPU","type":"INTEGER","doubleValue":0,)"
            R"("longValue":0,"integerValue":2048},{"name":"PORTS_UDP","type":"STRINGSET",)"
            R"("doubleValue":0,"longValue":0,"integerValue":0,"stringSetValue":[]}],)"
            R"("status":"","agentConnected":false,"runningTasksCount":0,"pendingTasksCount":0,)"
            R"("attributes":[],"attachments":[],"tags":[]})");
}

TEST(ApiCodec, RequestsLeaveOutWhatWasNotGiven) {
  EXPECT_EQ(FormatBody(RunTaskRequest{.count = 1, .taskDefinition = "web"}),
            R"({"count":1,"taskDefinition":"web"})");
  EXPECT_EQ(FormatBody(RunTaskRequest{.placementConstraints = {{}}, .taskDefinition = "web"}),
            R"({"placementConstraints":[{"type":"memberOf"}],"taskDefinition":"web"})");
}

TEST(ApiCodec, ReadsARegistrationOfARealAgent) {
  constexpr std::string_view kRegistration =
      R"({"attributes":[{"name":"ecs.capability.task-eni"},{"name":"rack","value":""}],)"
      R"("clientToken":"a","cluster":"default","instanceIdentityDocument":"",)"
      R"("totalResources":[{"integerValue":2048,"name":"CPU","type":"INTEGER"},)"
      R"({"name":"PORTS","stringSetValue":["22","2375"],"type":"STRINGSET"}]})";
  const auto request = Parsed<RegisterContainerInstanceRequest>(kRegistration);
  EXPECT_EQ(request.attributes[0].value, std::nullopt);
  EXPECT_EQ(request.attributes[1].value, "");
  EXPECT_EQ(request.totalResources[1].stringSetValue[1], "2375");
  const std::string formatted = FormatBody(request);
  EXPECT_EQ(FormatBody(Parsed<RegisterContainerInstanceRequest>(formatted)), formatted);
}

TEST(ApiCodec, ATaskComesBackEqual) {
  const Task task{
      .attachments = {{.id = "a", .type = "ElasticNetworkInterface", .details = {{"n", ""}}}},
      .attributes = {{.name = "ecs.cpu-architecture", .value = "x86_64"}},
      .clusterArn = "arn",
      .connectivity = Connectivity::kConnected,
      .containers = {{.name = "web \"1\"\n",
                      .exitCode = 137,
                      .networkBindings = {{.hostPort = 80, .protocol = TransportProtocol::kUdp}},
                      .healthStatus = HealthStatus::kUnknown}},
      .createdAt = WallTime(std::chrono::milliseconds(1'795'380'301'001)),
      .launchType = LaunchType::kExternal,
      .overrides = {.containerOverrides = {{.name = "web", .command = {"a", "\xF0\x9F\x9A\xA2"}}},
                    .cpu = 256},
      .stopCode = TaskStopCode::kUserInitiated,
      .version = INT64_MAX,
      .ephemeralStorage = EphemeralStorage{21}};
  EXPECT_EQ(Parsed<Task>(FormatBody(task)), task);
}

TEST(ApiCodec, ShowsATaskDefinitionAsDescribeTaskDefinitionDoes) {
  const RegisteredTaskDefinition registered{
      .definition = {.family = "web",
                     .containerDefinitions = {{.name = "web",
                                               .image = "web:1",
                                               .memory = 64,
                                               .portMappings = {{.containerPort = 80}},
                                               .healthCheck =
                                                   HealthCheck{.command = {"CMD", "t"}}}},
                     .cpu = 256,
                     .revision = 3},
      .taskDefinitionArn = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3",
      .compatibilities = {Compatibility::kExternal, Compatibility::kEc2},
      .registeredAt = WallTime(std::chrono::seconds(1'795'380'301))};
  EXPECT_EQ(
      FormatBody(registered),
      R"({"family":"web","revision":3,"networkMode":"bridge","containerDefinitions":[{"name":"web",)"
      R"("image":"web:1","cpu":0,"memory":64,"portMappings":[{"containerPort":80,"protocol":"tcp"}],)"
      R"("essential":true,"environment":[],"mountPoints":[],"volumesFrom":[],)"
      R"("healthCheck":{"command":["CMD","t"],"interval":30,"timeout":5,"retries":3},)"
      R"("systemControls":[]}],"volumes":[],"placementConstraints":[],"cpu":"256",)"
      R"("taskDefinitionArn":"arn:aws:ecs:us-east-1:123456789012:task-definition/web:3",)"
      R"("status":"ACTIVE","requiresAttributes":[],"compatibilities":["EXTERNAL","EC2"],)"
      R"("registeredAt":1795380301})");
}

TEST(ApiCodec, WhatDescribesATaskDefinitionCanBeRegisteredAgain) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kTaskDefinitions)) {
    SCOPED_TRACE(entry.path());
    const auto definition = ParseTaskDefinition(ReadAll(entry.path()));
    ASSERT_TRUE(definition) << definition.error().message();
    const RegisteredTaskDefinition registered{.definition = *definition,
                                              .taskDefinitionArn = "arn",
                                              .requiresAttributes = {{.name = "a"}},
                                              .registeredAt = WallTime(std::chrono::seconds(1))};
    const std::string shown = FormatBody(registered);
    const auto again = ParseTaskDefinition(shown);
    ASSERT_TRUE(again) << again.error().message() << shown;
    EXPECT_EQ(*again, *definition);
    EXPECT_EQ(Parsed<RegisteredTaskDefinition>(shown), registered);

    TaskDefinitionResponse answer{registered, definition->tags};
    answer.taskDefinition.definition.tags.clear();
    const auto described = ParseTaskDefinition(FormatBody(answer));
    ASSERT_TRUE(described) << described.error().message();
    EXPECT_EQ(*described, *definition);
    ++files;
  }
  EXPECT_GE(files, 12u);
}

TEST(ApiErrors, ComeBackEqual) {
  const ApiError error{"ClusterNotFoundException", "Cluster \"x\" not found.", 400};
  const std::string body = FormatError(error);
  EXPECT_EQ(body, R"({"__type":"ClusterNotFoundException","message":"Cluster \"x\" not found."})");
  const ApiError again = ParseError(body, 400);
  EXPECT_EQ(again.code, error.code);
  EXPECT_EQ(again.message, error.message);
  EXPECT_EQ(again.status, 400);
}

TEST(ApiErrors, AreReadInTheSpellingsThatServicesUse) {
  const ApiError error = ParseError(
      R"({"__type": "com.amazonaws.ecs#ServerException:http://x", "Message": "Busy"})", 500);
  EXPECT_EQ(error.code, "ServerException");
  EXPECT_EQ(error.message, "Busy");
}

TEST(ApiErrors, ThatCannotBeReadKeepTheirText) {
  EXPECT_EQ(ParseError("<html>", 502).code, "ServerException");
  EXPECT_EQ(ParseError("<html>", 502).message, "<html>");
  EXPECT_EQ(ParseError("", 403).code, "UnknownError");
  EXPECT_EQ(ParseError(R"({"__type": 3})", 400).code, "UnknownError");
}

}  // namespace
}  // namespace berth::ecs::api
