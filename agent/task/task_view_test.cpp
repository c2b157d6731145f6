#include "agent/task/task_view.h"

#include <gtest/gtest.h>

namespace berth::agent {
namespace {

using shim::Event;
using shim::Health;
using shim::Status;

WallTime At(int seconds) { return WallTime(std::chrono::seconds(seconds)); }

// Two essential containers, the first with a health check, and one that is not essential.
TaskView Before() {
  return {.containers = {{.name = "web", .health = Health::kUnknown},
                         {.name = "db"},
                         {.name = "helper", .essential = false}}};
}

TaskView After(std::vector<Event> events) { return FoldEvents(Before(), events); }

Event Stopped(int seconds, std::string container, std::optional<int> exit_code) {
  return {.time = At(seconds),
          .container = std::move(container),
          .status = Status::kStopped,
          .exit_code = exit_code};
}

Event TaskStopped(std::string code) {
  return {.time = At(100), .status = Status::kStopped, .stop_code = std::move(code)};
}

TEST(FoldEvents, WithoutEventsAllIsPending) {
  const TaskView task = After({});
  EXPECT_EQ(task.status, Status::kPending);
  EXPECT_EQ(task.containers[0].status, Status::kPending);
  EXPECT_EQ(task.ExitCode(), std::nullopt);
}

TEST(FoldEvents, ARunningContainerHasItsPidAndStart) {
  const TaskView task =
      After({{.time = At(5), .container = "web", .status = Status::kRunning, .pid = 42}});
  EXPECT_EQ(task.containers[0].status, Status::kRunning);
  EXPECT_EQ(task.containers[0].pid, 42);
  EXPECT_EQ(task.containers[0].started, At(5));
  EXPECT_EQ(task.containers[1].status, Status::kPending);
  EXPECT_EQ(task.status, Status::kPending);
}

TEST(FoldEvents, AStoppedContainerHasItsExitCodeAndNoPid) {
  const TaskView task =
      After({{.time = At(5), .container = "web", .status = Status::kRunning, .pid = 42},
             {.time = At(6), .container = "web", .health = Health::kHealthy},
             Stopped(7, "web", 3)});
  EXPECT_EQ(task.containers[0].status, Status::kStopped);
  EXPECT_EQ(task.containers[0].pid, std::nullopt);
  EXPECT_EQ(task.containers[0].exit_code, 3);
  EXPECT_EQ(task.containers[0].stopped, At(7));
  EXPECT_EQ(task.containers[0].health, Health::kUnknown);
}

TEST(FoldEvents, ARestartedContainerForgetsItsLastRun) {
  const TaskView task =
      After({{.time = At(5), .container = "web", .status = Status::kRunning, .pid = 42},
             {.time = At(6), .container = "web", .health = Health::kUnhealthy},
             {.time = At(7),
              .container = "web",
              .status = Status::kPending,
              .exit_code = 1,
              .restart_count = 1},
             {.time = At(8),
              .container = "web",
              .status = Status::kRunning,
              .pid = 43,
              .restart_count = 1}});
  EXPECT_EQ(task.containers[0].pid, 43);
  EXPECT_EQ(task.containers[0].exit_code, std::nullopt);
  EXPECT_EQ(task.containers[0].restart_count, 1);
  EXPECT_EQ(task.containers[0].health, Health::kUnknown);
}

TEST(FoldEvents, TheTaskHasItsOwnEvents) {
  const TaskView running = After({{.time = At(9), .status = Status::kRunning}});
  EXPECT_EQ(running.status, Status::kRunning);
  EXPECT_EQ(running.started, At(9));
  const TaskView stopped = After({{.time = At(9),
                                   .status = Status::kStopped,
                                   .stop_code = "UserInitiated",
                                   .reason = "enough"}});
  EXPECT_EQ(stopped.stop_code, "UserInitiated");
  EXPECT_EQ(stopped.stopped_reason, "enough");
  EXPECT_EQ(stopped.stopped, At(9));
}

TEST(FoldEvents, SkipsContainersThatTheTaskDoesNotHave) {
  EXPECT_EQ(After({Stopped(1, "stranger", 0)}).containers.size(), 3u);
}

TEST(FoldEvents, RepeatingEventsChangesNothing) {
  const std::vector<Event> events = {Stopped(5, "web", 3), TaskStopped("UserInitiated")};
  const TaskView twice = FoldEvents(After(events), events);
  EXPECT_EQ(twice.containers[0].exit_code, 3);
  EXPECT_EQ(twice.status, Status::kStopped);
}

TEST(ExitCode, IsThatOfTheEssentialContainerThatStoppedFirst) {
  EXPECT_EQ(After({Stopped(1, "helper", 9), Stopped(2, "db", 4), Stopped(3, "web", 143),
                   TaskStopped("EssentialContainerExited")})
                .ExitCode(),
            4);
}

TEST(ExitCode, SkipsContainersThatAStopCameBefore) {
  EXPECT_EQ(
      After({Stopped(1, "db", std::nullopt), Stopped(2, "web", 143), TaskStopped("UserInitiated")})
          .ExitCode(),
      143);
}

TEST(ExitCode, Is125IfAnEssentialContainerFailedToStart) {
  EXPECT_EQ(After({{.time = At(1), .container = "web", .status = Status::kRunning, .pid = 42},
                   Stopped(2, "db", std::nullopt),
                   Stopped(3, "web", 0),
                   TaskStopped("TaskFailedToStart")})
                .ExitCode(),
            125);
}

TEST(ExitCode, Is127IfTheProgramOfAnEssentialContainerIsMissing) {
  EXPECT_EQ(After({{.time = At(1), .container = "web", .status = Status::kRunning, .pid = 42},
                   Stopped(2, "web", 0),
                   Stopped(3, "db", 127),
                   TaskStopped("TaskFailedToStart")})
                .ExitCode(),
            127);
}

TEST(ExitCode, Is125IfNoEssentialContainerRan) {
  EXPECT_EQ(After({Stopped(1, "helper", 0), TaskStopped("UserInitiated")}).ExitCode(), 125);
}

TEST(TaskHealth, IsTheWorstOfTheEssentialContainers) {
  TaskView task = Before();
  EXPECT_EQ(task.Health(), Health::kUnknown);
  task.containers[0].health = Health::kHealthy;
  EXPECT_EQ(task.Health(), Health::kHealthy);
  task.containers[1].health = Health::kUnknown;
  EXPECT_EQ(task.Health(), Health::kUnknown);
  task.containers[1].health = Health::kUnhealthy;
  EXPECT_EQ(task.Health(), Health::kUnhealthy);
}

TEST(TaskHealth, DoesNotCountContainersWithoutChecksOrThatAreNotEssential) {
  TaskView task = Before();
  task.containers[0].health.reset();
  task.containers[2].health = Health::kUnhealthy;
  EXPECT_EQ(task.Health(), std::nullopt);
}

}  // namespace
}  // namespace berth::agent
