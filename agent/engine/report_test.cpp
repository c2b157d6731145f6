#include "agent/engine/report.h"

#include <gmock/gmock.h>

namespace berth::agent::engine {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const WallTime kTime = WallTime(std::chrono::seconds(1'795'000'000));

ContainerView Container(const std::string& name, shim::Status status) {
  ContainerView container = {.name = name, .status = status};
  if (status != shim::Status::kPending) container.started = kTime;
  if (status == shim::Status::kStopped) {
    container.exit_code = 3;
    container.stopped = kTime + std::chrono::seconds(5);
  }
  return container;
}

TaskState Running() {
  TaskState state;
  state.booked.order.arn = "task/t";
  state.booked.id = "t";
  state.booked.digests = {{"app", "sha256:1"}};
  state.view = TaskView{.status = shim::Status::kRunning,
                        .started = kTime,
                        .containers = {Container("app", shim::Status::kRunning)}};
  return state;
}

TaskState Ended() {
  TaskState state = Running();
  state.view->status = shim::Status::kStopped;
  state.view->containers = {Container("app", shim::Status::kStopped)};
  state.released = true;
  return state;
}

TEST(Reports, AreNothingBeforeAnythingRuns) {
  TaskState state;
  EXPECT_FALSE(NextReport(state, "c"));
  state.view = TaskView();
  EXPECT_FALSE(NextReport(state, "c"));
}

TEST(Reports, TellThatItRunsOnce) {
  TaskState state = Running();
  const auto report = NextReport(state, "c");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->tells, Told::kRunning);
  EXPECT_EQ(report->request.status, "RUNNING");
  EXPECT_EQ(report->request.cluster, "c");
  ASSERT_THAT(report->request.containers, SizeIs(1));
  EXPECT_EQ(report->request.containers[0].imageDigest, "sha256:1");
  EXPECT_FALSE(report->request.containers[0].exitCode);
  state.booked.told = Told::kRunning;
  EXPECT_FALSE(NextReport(state, "c"));
}

TEST(Reports, TellThatItRanBeforeThatItStopped) {
  TaskState state = Ended();
  const auto first = NextReport(state, "c");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->request.status, "RUNNING");
  EXPECT_EQ(first->request.containers.at(0).status, "RUNNING");
  EXPECT_FALSE(first->request.containers.at(0).exitCode);
  state.booked.told = first->tells;
  const auto second = NextReport(state, "c");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->tells, Told::kStopped);
  EXPECT_EQ(second->request.status, "STOPPED");
  EXPECT_EQ(second->request.containers.at(0).exitCode, 3);
  EXPECT_EQ(second->request.executionStoppedAt, kTime + std::chrono::seconds(5));
  EXPECT_EQ(second->request.reason, "");
  state.booked.told = second->tells;
  EXPECT_FALSE(NextReport(state, "c"));
}

TEST(Reports, DoNotSayStoppedBeforeAllIsGivenBack) {
  TaskState state = Ended();
  state.booked.told = Told::kRunning;
  state.released = false;
  EXPECT_FALSE(NextReport(state, "c"));
}

TEST(Reports, TellWhyItNeverRan) {
  TaskState state;
  state.booked.failure = "CannotPullContainerError: " + std::string(2000, 'x');
  state.released = true;
  const auto report = NextReport(state, "c");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->request.status, "STOPPED");
  EXPECT_EQ(report->request.reason->size(), 1024u);
  EXPECT_THAT(report->request.containers, IsEmpty());
}

TEST(Reports, TellTheReasonOfAStartThatFailed) {
  TaskState state = Ended();
  state.booked.told = Told::kRunning;
  state.view->stop_code = "TaskFailedToStart";
  state.view->stopped_reason = "no such program";
  EXPECT_EQ(NextReport(state, "c")->request.reason, "no such program");
}

TEST(Reports, TellOfPorts) {
  TaskState state = Running();
  state.view->containers[0].ports = {
      {.protocol = net::Protocol::kUdp, .host_port = 32768, .container_port = 53}};
  const auto report = NextReport(state, "c");
  const auto& bindings = report->request.containers.at(0).networkBindings;
  ASSERT_THAT(bindings, SizeIs(1));
  EXPECT_EQ(bindings[0].hostPort, 32768);
  EXPECT_EQ(bindings[0].containerPort, 53);
  EXPECT_EQ(bindings[0].protocol, ecs::TransportProtocol::kUdp);
}

TEST(Reports, TellOfARangeOfPorts) {
  TaskState state = Running();
  state.view->containers[0].ports = {{.host_port = 41000, .container_port = 8000, .count = 3}};
  const auto report = NextReport(state, "c");
  const auto& bindings = report->request.containers.at(0).networkBindings;
  ASSERT_THAT(bindings, SizeIs(1));
  EXPECT_EQ(bindings[0].containerPortRange, "8000-8002");
  EXPECT_EQ(bindings[0].hostPortRange, "41000-41002");
  EXPECT_EQ(bindings[0].hostPort, std::nullopt);
}

TEST(Reports, LeaveOutContainersThatHaveNotStarted) {
  TaskState state = Running();
  state.view->containers.push_back(Container("later", shim::Status::kPending));
  EXPECT_THAT(NextReport(state, "c")->request.containers, SizeIs(1));
}

TEST(ContainerReports, KeepTheTasksStatus) {
  TaskState state = Running();
  state.view->containers.push_back(Container("done", shim::Status::kStopped));
  const auto report = ContainerReport(state, "c");
  EXPECT_EQ(report.status, "RUNNING");
  ASSERT_THAT(report.containers, SizeIs(2));
  EXPECT_EQ(report.containers[1].exitCode, 3);
  state.view->started.reset();
  EXPECT_EQ(ContainerReport(state, "c").status, "PENDING");
}

}  // namespace
}  // namespace berth::agent::engine
