#include "agent/endpoints/metadata.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/endpoints/test_catalog.h"

namespace berth::agent::endpoints {
namespace {

namespace fs = std::filesystem;

class MetadataTest : public testing::Test {
 protected:
  Answered Ask(const std::string& target, const std::string& from = kWebAddress) {
    return AskMetadata(sources_, target, from);
  }
  void ExpectError(const std::string& target, int status, const std::string& text,
                   const std::string& from = kWebAddress) {
    const Answered answered = Ask(target, from);
    EXPECT_EQ(answered.status, status) << target;
    EXPECT_EQ(answered.Body(), Json(text)) << target;
    EXPECT_EQ(answered.content_type, "application/json");
  }

  TestCatalog catalog_;
  TestCalls calls_;
  stats::UsageBook usage_;
  MetadataSources sources_{catalog_, usage_, calls_};
};

TEST_F(MetadataTest, ShowsAContainer) {
  const Answered answered = Ask("/v4/web-id");
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.content_type, "application/json");
  const Json container = answered.Body();
  EXPECT_EQ(container.at("Name"), "web");
  EXPECT_EQ(container.at("KnownStatus"), "RUNNING");
  EXPECT_EQ(container.at("StartedAt"), "2023-11-14T22:13:22.000000000Z");
  EXPECT_EQ(container.at("Limits"), (Json{{"CPU", 256}, {"Memory", 128}}));
  EXPECT_EQ(container.at("Health").at("output").get<std::string>().size(), 1024);
  EXPECT_EQ(container.at("Ports"), Json::parse(R"([{"ContainerPort": 80, "Protocol": "tcp",
                                                    "HostPort": 80}])"));
}

TEST_F(MetadataTest, Version4TellsOfTheInterface) {
  EXPECT_EQ(Ask("/v4/web-id").Body().at("Networks"), Json::parse(R"([{
      "NetworkMode": "awsvpc", "IPv4Addresses": ["10.20.0.5"], "AttachmentIndex": 0,
      "MACAddress": "02:00:00:00:00:05", "IPv4SubnetCIDRBlock": "10.20.0.0/24",
      "DomainNameServers": ["10.20.0.2"], "DomainNameSearchList": ["shop.internal"],
      "PrivateDNSName": "ip-10-20-0-5.shop.internal",
      "SubnetGatewayIpv4Address": "10.20.0.1/24"}])"));
  EXPECT_EQ(Ask("/v3/web-id").Body().at("Networks"),
            Json::parse(R"([{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.20.0.5"]}])"));
}

TEST_F(MetadataTest, HostModeHasAnEmptyAddress) {
  EXPECT_EQ(Ask("/v4/host-id", kHostAddress).Body().at("Networks"),
            Json::parse(R"([{"NetworkMode": "host", "IPv4Addresses": [""]}])"));
}

TEST_F(MetadataTest, ShowsATaskWithTheContainersThatThereAre) {
  const Json newest = Ask("/v4/web-id/task").Body();
  EXPECT_EQ(newest.at("TaskARN"), kWebArn);
  EXPECT_EQ(newest.at("Limits"), (Json{{"CPU", 0.5}, {"Memory", 512}}));
  EXPECT_EQ(newest.at("Containers").size(), 2) << "the pulled one too";
  EXPECT_EQ(newest.at("FaultInjectionEnabled"), false);
  const Json older = Ask("/v3/web-id/task").Body();
  EXPECT_EQ(older.at("Containers").size(), 1);
  EXPECT_FALSE(older.contains("LaunchType"));
  EXPECT_FALSE(older.at("Containers")[0].contains("ContainerARN"));
}

TEST_F(MetadataTest, AddsTagsAndTellsOfThoseItCouldNotGet) {
  calls_.tags[kWebArn] = {{"team", "shop"}};
  const Answered answered = Ask("/v4/web-id/taskWithTags");
  EXPECT_EQ(answered.status, 200);
  const Json task = answered.Body();
  EXPECT_EQ(task.at("TaskTags"), (Json{{"team", "shop"}}));
  EXPECT_FALSE(task.contains("ContainerInstanceTags"));
  EXPECT_EQ(task.at("Errors"), Json::parse(R"([{
      "ErrorField": "ContainerInstanceTags", "ErrorCode": "AccessDeniedException",
      "ErrorMessage": "no", "StatusCode": 400, "RequestId": "request-1",
      "ResourceARN":
          "arn:aws:ecs:us-east-1:123456789012:container-instance/default/cccc"}])"));
}

TEST_F(MetadataTest, AnUnknownIdIsToldAsTheAgentDoes) {
  ExpectError("/v4/nope/task", 404,
              "V4 task metadata handler: unable to get task arn from request: unable to get task "
              "Arn from v3 endpoint ID: nope");
  ExpectError("/v4/nope", 404,
              "V4 container metadata handler: unable to get container ID from request: unable to "
              "get docker ID from v3 endpoint ID: nope");
  ExpectError("/v3/nope/task", 400,
              "V3 task metadata handler: unable to get task arn from request: unable to get task "
              "Arn from v3 endpoint ID: nope");
  ExpectError("/v4/nope/stats", 404,
              "V4 container stats handler: unable to get task arn from request: unable to get "
              "task Arn from v3 endpoint ID: nope");
}

TEST_F(MetadataTest, AnothersIdIsAsGoodAsUnknown) {
  catalog_.arns_by_address[kOtherAddress] = kHostArn;
  for (const char* from : {kOtherAddress, "10.20.0.99", "nonsense", ""}) {
    EXPECT_EQ(Ask("/v4/web-id/task", from).status, 404) << from;
    EXPECT_EQ(Ask("/v4/web-id", from).status, 404) << from;
    EXPECT_EQ(Ask("/v4/web-id/stats", from).status, 404) << from;
  }
  EXPECT_EQ(Ask("/v4/web-id/task", kHostAddress).status, 200) << "the host's operator may";
}

TEST_F(MetadataTest, AContainerWithoutANetworkYetIsAnError) {
  ExpectError("/v4/log-id", 500,
              "Unable to generate network response for container '" + std::string(64, 'b') + "'");
  EXPECT_EQ(Ask("/v3/log-id").status, 400);
}

TEST_F(MetadataTest, ListsAssociationsAndGivesTheirContents) {
  EXPECT_EQ(Ask("/v4/web-id/associations/gpu").body, R"({"Associations":["gpu-1"]})");
  EXPECT_EQ(Ask("/v4/web-id/associations/other").body, R"({"Associations":null})");
  EXPECT_EQ(Ask("/v4/log-id/associations/gpu").body, R"({"Associations":null})");
  EXPECT_EQ(Ask("/v3/web-id/associations/gpu/gpu-1").body, R"({"id":1})");
  ExpectError("/v4/web-id/associations/gpu/none", 400,
              "Unable to write container association response: unable to get association from "
              "association type gpu and association name none");
}

TEST_F(MetadataTest, Version2KnowsTheTaskByItsAddress) {
  for (const char* target : {"/v2/metadata", "/v2/metadata/"}) {
    EXPECT_EQ(Ask(target).Body().at("TaskARN"), kWebArn);
  }
  EXPECT_EQ(Ask("/v2/metadata/" + std::string(64, 'a')).Body().at("Name"), "web");
  ExpectError("/v2/metadata/none", 400, "Unable to generate metadata for container 'none'");
  ExpectError("/v2/stats/none", 400, "Unable to get container stats for: none");
  ExpectError("/v2/metadata", 400,
              "Unable to get task arn from request: unable to associate '10.20.0.6' with task",
              kOtherAddress);
  ExpectError("/v2/metadata", 400,
              "Unable to get task arn from request: unable to associate '169.254.170.2' with task",
              kHostAddress);
}

TEST_F(MetadataTest, OtherPathsAreNotFound) {
  for (const char* target : {"/", "/v4", "/v4/", "/v4//task", "/v4/web-id/", "/v4/web-id/nope",
                             "/v4/web-id/task/stats/more", "/v5/web-id", "/v2/nope",
                             "/v2/metadata/a/b", "/v4/web-id/tasks", "/v2/metadataWithTags/x"}) {
    const Answered answered = Ask(target);
    EXPECT_EQ(answered.status, 404) << target;
    EXPECT_EQ(answered.body, "404 page not found\n") << target;
  }
}

TEST_F(MetadataTest, OnlyReads) {
  http::Request request = Get("/v4/web-id", kWebAddress);
  request.method = "POST";
  int status = 0;
  AnswerMetadata(sources_, request, [&](const http::Response& answer) { status = answer.status; });
  EXPECT_EQ(status, 405);
}

TEST_F(MetadataTest, StatsAreNullOrAnErrorUntilThereAreAny) {
  const std::string id(64, 'a');
  EXPECT_EQ(Ask("/v4/web-id/task/stats").Body(), (Json{{id, nullptr}}));
  ExpectError("/v4/web-id/stats", 500, "Unable to get container stats for: " + id);
  EXPECT_EQ(Ask("/v3/web-id/stats").status, 400);
}

TEST_F(MetadataTest, StatsAreThoseOfTheContainer) {
  char directory[] = "/tmp/berth-metadata-test-XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  std::ofstream(fs::path(directory) / "cgroup.procs") << "";
  std::ofstream(fs::path(directory) / "cpu.stat") << "usage_usec 5\n";
  const std::string id(64, 'a');
  ASSERT_TRUE(usage_.Watch(id, {.cgroup = directory}));
  usage_.Sample();
  for (const std::string target : {"/v4/web-id/stats", "/v3/web-id/stats"}) {
    const Json stats = Ask(target).Body();
    EXPECT_EQ(stats.at("id"), id);
    EXPECT_EQ(stats.at("name"), "/ecs-shop-7-web-abc");
    EXPECT_EQ(stats.at("cpu_stats").at("cpu_usage").at("total_usage"), 5000);
  }
  EXPECT_EQ(Ask("/v2/stats").Body().at(id).at("id"), id);
  EXPECT_EQ(Ask("/v2/stats/" + id).Body().at("id"), id);
  fs::remove_all(directory);
}

}  // namespace
}  // namespace berth::agent::endpoints
