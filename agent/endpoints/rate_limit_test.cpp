#include "agent/endpoints/rate_limit.h"

#include <gtest/gtest.h>

#include "agent/endpoints/endpoint_server.h"
#include "agent/endpoints/test_catalog.h"

namespace berth::agent::endpoints {
namespace {

using std::chrono::milliseconds;

int Admitted(RateLimit& limit, RateLimit::Time now, int requests) {
  int admitted = 0;
  for (int i = 0; i < requests; ++i) admitted += limit.Admit(now) ? 1 : 0;
  return admitted;
}

TEST(RateLimitTest, AdmitsABurstAndThenTheRate) {
  const RateLimit::Time start{};
  RateLimit limit({.per_second = 40, .burst = 60}, start);
  EXPECT_EQ(Admitted(limit, start, 100), 60);
  EXPECT_EQ(Admitted(limit, start + milliseconds(500), 100), 20);
  EXPECT_EQ(Admitted(limit, start + milliseconds(400), 100), 0) << "time that goes back is none";
  EXPECT_EQ(Admitted(limit, start + std::chrono::hours(1), 100), 60) << "no more than the burst";
}

class TaskRouterTest : public testing::Test {
 protected:
  http::Response Ask(const http::Request& request) {
    http::Response answer;
    router_.Answer(request, [&](http::Response response) { answer = std::move(response); });
    return answer;
  }
  static std::string Header(const http::Response& response, const char* name) {
    return std::string(response.headers.Find(name).value_or("absent"));
  }

  TestCatalog catalog_;
  TestCalls calls_;
  stats::UsageBook usage_;
  AuditLog audit_ = *AuditLog::Open({});
  TaskRouter router_{{catalog_, usage_, calls_}, audit_, {.per_second = 1, .burst = 30}};
};

TEST_F(TaskRouterTest, LeadsPathsToTheirHandlers) {
  EXPECT_EQ(Ask(Get("/v4/web-id/task", kWebAddress)).status, 200);
  EXPECT_EQ(Ask(Get("/v3/web-id", kWebAddress)).status, 200);
  EXPECT_EQ(Ask(Get("/v2/metadata", kWebAddress)).status, 200);
  EXPECT_EQ(Ask(Get("/v2/credentials/web-role", kWebAddress)).status, 200);
  EXPECT_EQ(Ask(Get("/v1/credentials?id=web-role", kWebAddress)).status, 200);
  EXPECT_EQ(Ask(Get("/v1/credentials/web-role", kWebAddress)).status, 404);
  EXPECT_EQ(Ask(Get("/v2/credentials/web-role/more", kWebAddress)).status, 404);
  EXPECT_EQ(Ask(Get("/api/nope/task-protection/v1/state", kWebAddress)).status, 404);
  EXPECT_EQ(Ask(Get("/", kWebAddress)).body, "404 page not found\n");
}

TEST_F(TaskRouterTest, FaultsAreNotThere) {
  http::Request request = Get("/api/web-id/fault/v1/network-latency/start", kWebAddress);
  request.method = "POST";
  const http::Response answer = Ask(request);
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "404 page not found\n");
}

TEST_F(TaskRouterTest, TellsOfTheLimitAndHoldsToIt) {
  http::Response answer = Ask(Get("/v4/web-id", kWebAddress));
  EXPECT_EQ(Header(answer, "X-Rate-Limit-Duration"), "1");
  EXPECT_EQ(Header(answer, "X-Rate-Limit-Limit"), "1.00");
  EXPECT_EQ(Header(answer, "X-Rate-Limit-Request-Forwarded-For"), "");
  EXPECT_EQ(Header(answer, "X-Rate-Limit-Request-Remote-Addr"), kWebAddress);
  for (int i = 0; i < 40; ++i) answer = Ask(Get("/v4/web-id", kWebAddress));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(Header(answer, "X-Rate-Limit-Limit"), "1.00");
}

}  // namespace
}  // namespace berth::agent::endpoints
