#include "agent/link/settings.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "agent/link/backoff.h"
#include "agent/link/poll_endpoint.h"
#include "base/files.h"

namespace berth::agent::link {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LinkSettings::Environment With(const LinkSettings::Environment& more) {
  LinkSettings::Environment environment = {{"AWS_ACCESS_KEY_ID", "AKIA"},
                                           {"AWS_SECRET_ACCESS_KEY", "secret"}};
  for (const auto& [name, value] : more) environment[name] = value;
  return environment;
}

std::string ErrorOf(const LinkSettings::Environment& more) {
  const auto settings = LinkSettings::FromEnvironment(With(more));
  return settings ? "" : settings.error().message();
}

TEST(LinkSettings, HaveTheDefaultsOfTheEcsAgent) {
  const auto settings = LinkSettings::FromEnvironment(With({}));
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->cluster, "default");
  EXPECT_EQ(settings->region, "us-east-1");
  EXPECT_EQ(settings->backend.ToString(), "https://ecs.us-east-1.amazonaws.com/");
  EXPECT_THAT(settings->reserved_ports, ElementsAre("22", "2375", "2376", "51678", "51679"));
  EXPECT_EQ(settings->cleanup_wait, std::chrono::hours(3));
  EXPECT_EQ(settings->pull, PullBehavior::kPreferCached);
}

TEST(LinkSettings, ReadEachVariable) {
  const auto settings =
      LinkSettings::FromEnvironment(With({{"ECS_CLUSTER", "lab"},
                                          {"ECS_BACKEND_HOST", "http://10.0.0.1:8765"},
                                          {"AWS_REGION", "eu-west-1"},
                                          {"AWS_SESSION_TOKEN", "token"},
                                          {"SSL_CERT_FILE", "/ca.pem"},
                                          {"ECS_INSTANCE_ATTRIBUTES", R"({"rack": "r1"})"},
                                          {"ECS_CONTAINER_INSTANCE_TAGS", R"({"team": "x"})"},
                                          {"ECS_RESERVED_PORTS", R"([22, "80"])"},
                                          {"ECS_RESERVED_PORTS_UDP", "[53]"},
                                          {"ECS_RESERVED_MEMORY", "256"},
                                          {"ECS_IMAGE_PULL_BEHAVIOR", "always"},
                                          {"ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", "1h30m"},
                                          {"ECS_CGROUP_CPU_PERIOD", "20ms"},
                                          {"ECS_TASK_PIDS_LIMIT", "100"},
                                          {"ECS_AUDIT_LOGFILE", "/audit.log"}}));
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->cluster, "lab");
  EXPECT_EQ(settings->backend.port, "8765");
  EXPECT_EQ(settings->region, "eu-west-1");
  EXPECT_EQ(settings->credentials.session_token, "token");
  EXPECT_EQ(settings->ca_file, "/ca.pem");
  EXPECT_EQ(settings->attributes.at(0).name, "rack");
  EXPECT_EQ(settings->tags.at(0).key, "team");
  EXPECT_THAT(settings->reserved_ports, ElementsAre("22", "80"));
  EXPECT_THAT(settings->reserved_ports_udp, ElementsAre("53"));
  EXPECT_EQ(settings->reserved_memory, 256);
  EXPECT_EQ(settings->pull, PullBehavior::kAlways);
  EXPECT_EQ(settings->cleanup_wait, std::chrono::minutes(90));
  EXPECT_EQ(settings->task_limits.cpu_period, std::chrono::milliseconds(20));
  EXPECT_EQ(settings->task_limits.pids, 100U);
  EXPECT_EQ(settings->audit_log, "/audit.log");
}

TEST(LinkSettings, NameTheVariableThatIsWrong) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"ECS_BACKEND_HOST", "ftp://x"},
           {"ECS_INSTANCE_ATTRIBUTES", "{"},
           {"ECS_INSTANCE_ATTRIBUTES", "[1]"},
           {"ECS_CONTAINER_INSTANCE_TAGS", R"({"a": 1})"},
           {"ECS_RESERVED_PORTS", "[70000]"},
           {"ECS_RESERVED_PORTS", R"(["x"])"},
           {"ECS_RESERVED_PORTS_UDP", "{}"},
           {"ECS_RESERVED_MEMORY", "-1"},
           {"ECS_RESERVED_MEMORY", "much"},
           {"ECS_IMAGE_PULL_BEHAVIOR", "never"},
           {"ECS_CGROUP_CPU_PERIOD", "7ms"},
           {"ECS_CGROUP_CPU_PERIOD", "101ms"},
           {"ECS_CGROUP_CPU_PERIOD", "100"},
           {"ECS_CGROUP_CPU_PERIOD", "ms"},
           {"ECS_TASK_PIDS_LIMIT", "0"},
           {"ECS_TASK_PIDS_LIMIT", "many"},
           {"ECS_TASK_PIDS_LIMIT", "4194305"},
           {"ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", "soon"},
           {"ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", "0s"}}) {
    EXPECT_THAT(ErrorOf({{name, value}}), HasSubstr(name)) << value;
  }
}

TEST(LinkSettings, ReadACredentialsFile) {
  char path[] = "/tmp/berth-credentials-XXXXXX";
  ::close(::mkstemp(path));
  ASSERT_TRUE(WriteFileAtomically(path,
                                  "[other]\naws_access_key_id = no\n[default]\n"
                                  "aws_access_key_id = AKIA2\naws_secret_access_key=s\n",
                                  0600));
  const auto settings = LinkSettings::FromEnvironment({{"AWS_SHARED_CREDENTIALS_FILE", path}});
  ::unlink(path);
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->credentials.access_key_id, "AKIA2");
  EXPECT_EQ(settings->credentials.secret_access_key, "s");
  EXPECT_THAT(
      LinkSettings::FromEnvironment({{"AWS_SHARED_CREDENTIALS_FILE", path}}).error().message(),
      HasSubstr("AWS_SHARED_CREDENTIALS_FILE"));
  EXPECT_THAT(LinkSettings::FromEnvironment({}).error().message(), HasSubstr("no credentials"));
}

TEST(Durations, AreWrittenAsInGo) {
  EXPECT_EQ(*ParseDuration("3h"), std::chrono::hours(3));
  EXPECT_EQ(*ParseDuration("1h1m1s"), std::chrono::seconds(3661));
  for (const char* text : {"", "3", "h", "-1h", "1.5h", "3d", "99999999h"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(Backoffs, GrowWithinTheirBounds) {
  using std::chrono::milliseconds;
  Backoff backoff({.first = milliseconds(100), .most = milliseconds(1000), .jitter = 0.2});
  for (const int64_t base : {100, 200, 400, 800, 1000, 1000}) {
    const int64_t wait = backoff.Next().count();
    EXPECT_GE(wait, base * 8 / 10 - 1);
    EXPECT_LE(wait, base * 12 / 10 + 1);
  }
  for (int i = 0; i < 5000; ++i) EXPECT_LE(backoff.Next().count(), 1200);
  backoff.Reset();
  EXPECT_LE(backoff.Next().count(), 120);
  for (int i = 0; i < 100; ++i) {
    const auto time = RandomTime(milliseconds(5), milliseconds(7));
    EXPECT_TRUE(time >= milliseconds(5) && time <= milliseconds(7));
  }
}

TEST(WebSocketUrls, HaveTheirParametersEncodedAndSorted) {
  const std::map<std::string, std::string> parameters = {{"b", "x/y z"}, {"a", "1"}};
  for (const char* base : {"http://h:1/acs/", "http://h:1/acs"}) {
    EXPECT_EQ(WebSocketUrl(base, parameters)->target, "/acs/ws?a=1&b=x%2Fy%20z");
  }
  EXPECT_FALSE(WebSocketUrl("nonsense", {}));
}

}  // namespace
}  // namespace berth::agent::link
