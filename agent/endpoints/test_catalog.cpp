#include "agent/endpoints/test_catalog.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace berth::agent::endpoints {
namespace {

WallTime At(int second) { return WallTime(std::chrono::seconds(1'700'000'000 + second)); }

EndpointContainer WebContainer() {
  EndpointContainer web = {.docker_id = std::string(64, 'a'),
                           .endpoint_id = "web-id",
                           .name = "web",
                           .docker_name = "ecs-shop-7-web-abc",
                           .arn = "arn:aws:ecs:us-east-1:123456789012:container/1",
                           .image = "shop/web:1",
                           .image_id = "sha256:1234",
                           .known = LifeStatus::kRunning};
  web.ports = {{.container_port = 80, .host_ip = "0.0.0.0"}};
  web.labels = {{"com.amazonaws.ecs.container-name", "web"}};
  web.exit_code = 3;
  web.cpu = 256;
  web.memory = 128;
  web.created_at = At(1);
  web.started_at = At(2);
  web.finished_at = At(3);
  web.networks = {
      {.mode = "awsvpc", .addresses = {*net::Ipv4::Parse(kWebAddress)}, .interface = 0}};
  web.health = EndpointHealth{
      .status = "UNHEALTHY", .since = At(2), .exit_code = 1, .output = std::string(2000, 'x')};
  web.volumes = {{.docker_name = "data", .source = "/var/lib/x", .destination = "/data"}};
  web.log_driver = "awslogs";
  web.log_options = {{"awslogs-group", "shop"}};
  web.restart_count = 2;
  return web;
}

}  // namespace

EndpointTask WebTask() {
  EndpointTask task = {.arn = kWebArn, .family = "shop", .revision = "7", .network_mode = "awsvpc"};
  task.known = LifeStatus::kRunning;
  task.cpu = 0.5;
  task.memory = 512;
  task.pull_started_at = At(0);
  task.pull_stopped_at = At(1);
  task.execution_stopped_at = At(4);
  task.launch_type = "EC2";
  task.vpc_id = "vpc-1";
  task.service_name = "shop";
  task.group = "service:shop";
  task.task_role_credentials_id = "web-role";
  task.containers = {WebContainer(),
                     {.docker_id = std::string(64, 'b'),
                      .endpoint_id = "log-id",
                      .name = "log",
                      .known = LifeStatus::kPulled}};
  task.interfaces = {{.index = 0,
                      .mac = *net::MacAddress::Parse("02:00:00:00:00:05"),
                      .subnet = *net::MakeSubnet("lab", *net::Ipv4Cidr::Parse("10.20.0.0/24")),
                      .dns_servers = {"10.20.0.2"},
                      .dns_search = {"shop.internal"},
                      .private_dns_name = "ip-10-20-0-5.shop.internal"}};
  task.associations = {{.type = "gpu",
                        .name = "gpu-1",
                        .encoding = "identity",
                        .value = R"({"id":1})",
                        .containers = {"web"}}};
  return task;
}

EndpointTask HostTask() {
  EndpointTask task = {.arn = kHostArn, .family = "node", .revision = "1", .network_mode = "host"};
  task.known = LifeStatus::kRunning;
  task.task_role_credentials_id = "host-role";
  EndpointContainer container = {.docker_id = std::string(64, 'c'),
                                 .endpoint_id = "host-id",
                                 .name = "agent",
                                 .known = LifeStatus::kRunning};
  container.networks = {{.mode = "host", .addresses = {}, .interface = {}}};
  container.ports = {{.container_port = 9100, .host_port = 9100, .host_ip = "0.0.0.0"}};
  task.containers = {std::move(container)};
  return task;
}

TestCatalog::TestCatalog()
    : agent{.cluster = "default",
            .container_instance_arn = kInstanceArn,
            .version = "1.2.3",
            .availability_zone = "rack-1",
            .availability_zone_id = "r1"},
      arns_by_address{{kWebAddress, kWebArn}} {
  Put(WebTask());
  Put(HostTask());
  const auto keys = [](const char* id) -> ecs::wire::RoleCredentials {
    return {.credentialsId = id,
            .roleArn = "arn:aws:iam::123456789012:role/" + std::string(id),
            .accessKeyId = "AKIA-" + std::string(id),
            .secretAccessKey = "secret",
            .sessionToken = "token",
            .expiration = "2026-11-22T22:31:16Z"};
  };
  credentials = {{"web-role", {tasks[0], RoleType::kTask, keys("web-role")}},
                 {"web-execution", {tasks[0], RoleType::kExecution, keys("web-execution")}},
                 {"host-role", {tasks[1], RoleType::kTask, keys("host-role")}}};
}

void TestCatalog::Put(const EndpointTask& task) {
  std::erase_if(tasks, [&](const TaskPointer& other) { return other->arn == task.arn; });
  tasks.push_back(std::make_shared<const EndpointTask>(task));
}

std::optional<FoundContainer> TestCatalog::FindByEndpointId(std::string_view id) const {
  for (const TaskPointer& task : tasks) {
    for (size_t i = 0; i < task->containers.size(); ++i) {
      if (task->containers[i].endpoint_id == id) return FoundContainer{task, i};
    }
  }
  return std::nullopt;
}

TaskPointer TestCatalog::FindByAddress(net::Ipv4 address) const {
  const auto found = arns_by_address.find(address.Format());
  if (found == arns_by_address.end()) return nullptr;
  for (const TaskPointer& task : tasks) {
    if (task->arn == found->second) return task;
  }
  return nullptr;
}

std::optional<FoundCredentials> TestCatalog::FindByCredentialsId(std::string_view id) const {
  const auto found = credentials.find(id);
  return found == credentials.end() ? std::nullopt : std::optional(found->second);
}

void TestCalls::ListTags(const std::string& arn,
                         CallDone<ecs::api::ListTagsForResourceResponse> done) {
  calls.push_back("ListTags " + arn);
  const auto found = tags.find(arn);
  if (found != tags.end()) return done(ecs::api::ListTagsForResourceResponse{found->second});
  done(tl::unexpected(CallFailure{.kind = CallFailure::Kind::kRefused,
                                  .error = {"AccessDeniedException", "no", 400},
                                  .request_id = "request-1"}));
}

void TestCalls::GetProtection(const ecs::wire::RoleCredentials& signer,
                              const ecs::api::GetTaskProtectionRequest& request,
                              CallDone<ecs::api::TaskProtectionResponse> done) {
  calls.push_back(fmt::format("GetProtection {} {} {}", signer.accessKeyId, request.cluster,
                              request.tasks.at(0)));
  done(protection);
}

void TestCalls::UpdateProtection(const ecs::wire::RoleCredentials& signer,
                                 const ecs::api::UpdateTaskProtectionRequest& request,
                                 CallDone<ecs::api::TaskProtectionResponse> done) {
  calls.push_back(fmt::format("UpdateProtection {} {} {} {} {}", signer.accessKeyId,
                              request.cluster, request.tasks.at(0), request.protectionEnabled,
                              request.expiresInMinutes.value_or(0)));
  done(protection);
}

Json Answered::Body() const {
  const auto parsed = ParseJson(body);
  EXPECT_TRUE(parsed) << body;
  return parsed ? *parsed : Json();
}

http::Request Get(const std::string& target, const std::string& from) {
  http::Request request;
  request.target = target;
  request.peer_address = from;
  return request;
}

Answered ToAnswered(const http::Response& response) {
  return {.status = response.status,
          .body = response.body,
          .content_type = std::string(response.headers.Find("Content-Type").value_or(""))};
}

Answered AskMetadata(const MetadataSources& sources, const std::string& target,
                     const std::string& from) {
  std::optional<Answered> answered;
  AnswerMetadata(sources, Get(target, from), [&](const http::Response& response) {
    EXPECT_FALSE(answered) << "answered twice";
    answered = ToAnswered(response);
  });
  EXPECT_TRUE(answered) << "not answered: " << target;
  return answered.value_or(Answered{});
}

}  // namespace berth::agent::endpoints
