#include "agent/endpoints/endpoint_server.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "agent/endpoints/test_catalog.h"
#include "base/http/client.h"

namespace berth::agent::endpoints {
namespace {

/// The server on free ports of the loopback, which counts as the host.
class EndpointServerTest : public testing::Test {
 protected:
  EndpointServerTest() {
    EndpointOptions options;
    options.tasks = {.address = "127.0.0.1"};
    options.introspection = {.address = "127.0.0.1"};
    auto server = EndpointServer::Start(loop_, {catalog_, usage_, calls_}, audit_, options);
    EXPECT_TRUE(server) << server.error().message();
    server_.emplace(*std::move(server));
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~EndpointServerTest() override {
    loop_.Stop();
    thread_.join();
  }

  static http::Response Ask(uint16_t port, const std::string& target) {
    const auto url = http::Url::Parse(fmt::format("http://127.0.0.1:{}{}", port, target));
    http::Request request;
    request.target = target;
    const auto answer = http::SendAndWait(*url, std::move(request));
    EXPECT_TRUE(answer) << answer.error().message();
    return answer ? *answer : http::Response{.status = 0};
  }

  TestCatalog catalog_;
  TestCalls calls_;
  stats::UsageBook usage_;
  AuditLog audit_ = *AuditLog::Open({});
  http::IoLoop loop_;
  std::optional<EndpointServer> server_;
  std::thread thread_;
};

TEST_F(EndpointServerTest, ServesTasks) {
  const http::Response task = Ask(server_->task_port(), "/v4/host-id/task");
  EXPECT_EQ(task.status, 200);
  EXPECT_EQ(ParseJson(task.body)->at("TaskARN"), kHostArn);
  EXPECT_EQ(task.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(task.headers.Find("X-Rate-Limit-Request-Remote-Addr"), "127.0.0.1");
  EXPECT_EQ(Ask(server_->task_port(), "/v2/credentials/host-role").status, 200);
  EXPECT_EQ(Ask(server_->task_port(), "/v2/credentials/web-role").status, 400);
  EXPECT_EQ(Ask(server_->task_port(), "/v1/metadata").status, 404);
}

TEST_F(EndpointServerTest, ServesTheHost) {
  const http::Response agent = Ask(server_->introspection_port(), "/v1/metadata");
  EXPECT_EQ(ParseJson(agent.body)->at("Version"), "1.2.3");
  EXPECT_EQ(ParseJson(Ask(server_->introspection_port(), "/v2/credentials/host-role").body)
                ->count("AvailableCommands"),
            1);
}

TEST(EndpointServerAddressTest, SaysWhichPlaceItCouldNotHave) {
  http::IoLoop loop;
  TestCatalog catalog;
  TestCalls calls;
  stats::UsageBook usage;
  AuditLog audit = *AuditLog::Open({});
  EndpointOptions options;
  options.tasks = {.address = "127.0.0.1"};
  options.introspection = {.address = "192.0.2.1", .port = 51678};
  const auto server = EndpointServer::Start(loop, {catalog, usage, calls}, audit, options);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message().find("serve introspection"), std::string::npos);
}

}  // namespace
}  // namespace berth::agent::endpoints
