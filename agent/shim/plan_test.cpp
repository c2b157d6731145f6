#include "agent/shim/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/shim/control.h"
#include "agent/shim/event.h"

namespace berth::agent::shim {
namespace {

using namespace std::chrono_literals;

TaskPlan Example() {
  return {.task_id = "0123",
          .events = "/e",
          .control_socket = "/s",
          .finisher = {"/bin/berth", "finish"},
          .containers = {{.name = "db",
                          .layers = {"/l1", "/l2"},
                          .seeds = {{.volume = "/v", .path = "/data"}},
                          .log_max_size = 10'000'000'000,
                          .essential = false,
                          .health_check = HealthCheckPlan{.args = {"true"}, .retries = 7},
                          .restart = RestartPlan{.ignored_exit_codes = {0, 143}}},
                         {.name = "web",
                          .start_timeout = 12s,
                          .depends_on = {{.container = 0, .condition = Condition::kHealthy}}}}};
}

TEST(PlanTest, ReadsWhatItWrites) {
  const std::string bytes = EncodePlan(Example());
  const auto plan = DecodePlan(bytes);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(EncodePlan(*plan), bytes);
  EXPECT_EQ(plan->containers[0].health_check->retries, 7);
  EXPECT_THAT(plan->containers[0].restart->ignored_exit_codes, testing::ElementsAre(0, 143));
  EXPECT_EQ(plan->containers[1].start_timeout, 12s);
  EXPECT_EQ(plan->containers[1].depends_on[0].condition, Condition::kHealthy);
}

TEST(PlanTest, RefusesWhatIsCutOrForeign) {
  const std::string bytes = EncodePlan(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodePlan(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodePlan(bytes + "x"));
  EXPECT_FALSE(DecodePlan("{}"));
}

TEST(PlanTest, RefusesADependencyOnNothing) {
  TaskPlan plan = Example();
  plan.containers[1].depends_on[0].container = 2;
  EXPECT_EQ(DecodePlan(EncodePlan(plan)).error().message(),
            "web depends on a container that is not there");
}

TEST(ControlTest, ReadsWhatItWrites) {
  const Request request = {.kind = Request::Kind::kExec,
                           .stop_timeout = 0,
                           .container = "web",
                           .args = {"sh", "-c", ""},
                           .terminal = true};
  const auto read = DecodeRequest(EncodeRequest(request));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->args, request.args);
  EXPECT_EQ(read->stop_timeout, 0);
  EXPECT_TRUE(read->terminal);
  EXPECT_FALSE(DecodeRequest("garbage"));
}

TEST(EventTest, ReadsWhatItWrites) {
  const Event event = {.time = WallTime(std::chrono::nanoseconds(1)),
                       .container = "we\"b",
                       .status = Status::kStopped,
                       .exit_code = 137,
                       .reason = "OutOfMemoryError: \n",
                       .restart_count = 2};
  const auto events = ParseJournal(FormatEvent(event) + "{\"time\":\"20");
  ASSERT_TRUE(events) << events.error().message();
  ASSERT_EQ(events->size(), 1U) << "a line cut short by a crash is left out";
  EXPECT_EQ(FormatEvent(events->front()), FormatEvent(event));
}

}  // namespace
}  // namespace berth::agent::shim
