// The whole scheduler on loopback, as clients see it.
#include "scheduler/server/front.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "base/files.h"
#include "base/http/client.h"
#include "ecs/api/codec.h"
#include "ecs/sigv4.h"
#include "scheduler/server/scheduler.h"
#include "scheduler/server/test_place.h"

namespace berth::scheduler {
namespace {

using testing::HasSubstr;

class FrontTest : public testing::Test {
 protected:
  FrontTest() {
    const std::string config = directory / "scheduler.json";
    EXPECT_TRUE(WriteFileAtomically(config, R"({"listen": "127.0.0.1:0"})", 0600));
    const SchedulerPaths paths = {.state = directory / "state", .config = config};
    auto started = Scheduler::Start(loop, paths);
    EXPECT_TRUE(started) << started.error().message();
    scheduler = std::move(*started);
    url = *http::Url::Parse(scheduler->endpoint());
    thread = std::thread([this] { loop.Run(); });
    // Keys are written once they are durable, before any request that comes now is answered.
    EXPECT_EQ(http::SendAndWait(url, {.target = "/health"})->status, 200);
    while (!Exists(paths.Credentials() + "/agent")) std::this_thread::yield();
    keys = ReadKeys(paths.Credentials() + "/operator");
  }
  ~FrontTest() override {
    loop.Stop();
    thread.join();
  }

  static ecs::AwsCredentials ReadKeys(const std::string& path) {
    const std::string text = *ReadFile(path);
    const auto after = [&](const std::string& name) {
      const size_t at = text.find(name) + name.size();
      return text.substr(at, text.find('\n', at) - at);
    };
    return {.access_key_id = after("aws_access_key_id = "),
            .secret_access_key = after("aws_secret_access_key = ")};
  }
  http::Request Unsigned(const std::string& operation, const std::string& body = "{}") const {
    return {.method = "POST",
            .target = "/",
            .headers = {{"Host", url.Authority()},
                        {"Content-Type", std::string(ecs::api::kContentType)},
                        {"X-Amz-Target", std::string(ecs::api::kTargetPrefix) + operation}},
            .body = body};
  }
  http::Request Signed(const std::string& operation, WallTime when = Now()) const {
    http::Request request = Unsigned(operation);
    ecs::Sign(request, keys, {.region = "us-east-1"}, when);
    return request;
  }
  http::Response Send(http::Request request) {
    auto response = http::SendAndWait(url, std::move(request));
    EXPECT_TRUE(response) << response.error().message();
    return response ? *response : http::Response{.status = 0};
  }
  std::string ErrorOf(http::Request request) {
    const http::Response response = Send(std::move(request));
    EXPECT_EQ(ecs::api::ParseError(response.body, response.status).code,
              response.headers.Find("x-amzn-ErrorType"));
    EXPECT_TRUE(response.headers.Find("x-amzn-RequestId"));
    return std::string(response.headers.Find("x-amzn-ErrorType").value_or("none"));
  }

  TestPlace directory;
  http::IoLoop loop;
  std::unique_ptr<Scheduler> scheduler;
  http::Url url;
  std::thread thread;
  ecs::AwsCredentials keys;
};

TEST_F(FrontTest, AnswersWhoSignsAndRefusesTheOthersByTheirAwsNames) {
  const http::Response made = Send(Signed("CreateCluster"));
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(made.body, HasSubstr("\"clusterName\":\"default\""));
  EXPECT_EQ(made.headers.Find("Content-Type"), ecs::api::kContentType);

  EXPECT_EQ(ErrorOf(Unsigned("ListClusters")), "MissingAuthenticationTokenException");
  EXPECT_EQ(ErrorOf(Signed("ListClusters", Now() - std::chrono::minutes(6))),
            "InvalidSignatureException");
  http::Request altered = Signed("ListClusters");
  altered.body = R"({"maxResults": 1})";
  EXPECT_EQ(ErrorOf(altered), "InvalidSignatureException");
  const std::string own = std::exchange(keys.access_key_id, "AKIAUNKNOWN000000000");
  EXPECT_EQ(ErrorOf(Signed("ListClusters")), "UnrecognizedClientException");
  keys.access_key_id = own;
  EXPECT_EQ(ErrorOf(Signed("MakeCoffee")), "UnknownOperationException");
  EXPECT_EQ(ErrorOf({.target = "/elsewhere"}), "UnknownOperationException");
}

TEST_F(FrontTest, AnswersFormsByXml) {
  http::Request request = {
      .method = "POST",
      .target = "/",
      .headers = {{"Host", url.Authority()}, {"Content-Type", "application/x-www-form-urlencoded"}},
      .body = "Action=GetCallerIdentity&Version=2011-06-15"};
  const http::Response refused = Send(request);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("<Code>MissingAuthenticationToken</Code>"));
  ecs::Sign(request, keys, {.region = "us-east-1", .service = "sts"}, Now());
  const http::Response answered = Send(request);
  EXPECT_EQ(answered.status, 200);
  EXPECT_THAT(answered.body, HasSubstr("user/operator</Arn>"));
}

TEST_F(FrontTest, RefusesBodiesThatARecordCouldNotHold) {
  http::Request request = Unsigned("CreateCluster", std::string((1 << 20) + 1, ' '));
  EXPECT_EQ(Send(request).status, 413);
}

}  // namespace
}  // namespace berth::scheduler
