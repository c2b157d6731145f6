#include "scheduler/model/world.h"

#include <gmock/gmock.h>

#include <random>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TaskRecord TaskOn(const std::string& instance, const std::string& id, const std::string& status) {
  TaskRecord record = {.cluster = "c", .id = id, .instance = instance, .cpu = 10, .memory = 20};
  record.task.lastStatus = status;
  record.task.group = "family:web";
  return record;
}

InstanceRecord Instance(const std::string& id) {
  InstanceRecord record = {.cluster = "c", .id = id};
  record.instance.status = "ACTIVE";
  record.instance.registeredResources = {
      {.name = "CPU", .type = "INTEGER", .integerValue = 1000},
      {.name = "MEMORY", .type = "INTEGER", .integerValue = 1000},
      {.name = "PORTS", .type = "STRINGSET", .stringSetValue = {"22"}}};
  return record;
}

class WorldTest : public testing::Test {
 protected:
  WorldTest() : world(store, loop.Poster()) { EXPECT_TRUE(world.Load()); }

  FakeStore store;
  FakeLoop loop;
  World world;
};

TEST_F(WorldTest, CountsTasksByWhereTheyStand) {
  world.PutInstance(Instance("i1"));
  world.PutTask(TaskOn("i1", "a", "PENDING"));
  world.PutTask(TaskOn("i1", "b", "RUNNING"));
  world.PutTask(TaskOn("i1", "c", "STOPPED"));
  EXPECT_EQ(world.CountsOfCluster("c").running, 1);
  EXPECT_EQ(world.CountsOfCluster("c").pending, 1);
  EXPECT_EQ(world.CountsOfInstance("c/i1").pending, 1);
  world.PutTask(TaskOn("i1", "a", "RUNNING"));
  world.EraseTask("c/b");
  EXPECT_EQ(world.CountsOfInstance("c/i1").running, 1);
  EXPECT_EQ(world.CountsOfInstance("c/i1").pending, 0);
  EXPECT_EQ(world.CountsOfCluster("elsewhere").running, 0);
}

TEST_F(WorldTest, ShowsPlacementWhatIsLeft) {
  world.PutInstance(Instance("i1"));
  world.PutTask(TaskOn("i1", "a", "PENDING"));
  const placement::Instance* view = world.Candidate("c/i1");
  EXPECT_EQ(view->left.cpu, 990);
  EXPECT_EQ(view->left.memory, 980);
  EXPECT_EQ(view->pending_tasks, 1);
  world.PutInstance(Instance("i1"));  // registered again: its tasks are still there
  EXPECT_EQ(world.Candidate("c/i1")->left.cpu, 990);
  world.PutTask(TaskOn("i1", "a", "STOPPED"));
  EXPECT_EQ(world.Candidate("c/i1")->left.cpu, 1000);
}

TEST_F(WorldTest, KnowsTheTasksOnAnInstance) {
  world.PutInstance(Instance("i1"));
  world.PutTask(TaskOn("i1", "a", "PENDING"));
  world.PutTask(TaskOn("i1", "b", "RUNNING"));
  world.PutTask(TaskOn("", "nowhere", "PENDING"));
  EXPECT_THAT(world.TasksOn("c/i1"), UnorderedElementsAre("c/a", "c/b"));
  world.PutTask(TaskOn("i1", "a", "STOPPED"));
  EXPECT_THAT(world.TasksOn("c/i1"), ElementsAre("c/b"));
  EXPECT_THAT(world.TasksOn("c/i2"), IsEmpty());
}

TEST_F(WorldTest, TellsOnceWhichInstancesWereTouched) {
  world.PutInstance(Instance("i1"));
  world.PutTask(TaskOn("i2", "a", "PENDING"));
  world.PutTask(TaskOn("", "b", "PENDING"));
  EXPECT_THAT(world.TakeTouched(), ElementsAre("c/i1", "c/i2"));
  EXPECT_THAT(world.TakeTouched(), IsEmpty());
  world.EraseInstance("c/i1");
  EXPECT_THAT(world.TakeTouched(), ElementsAre("c/i1"));
}

TEST_F(WorldTest, KeepsConnectionsOverAReload) {
  world.PutInstance(Instance("i1"));
  world.PutInstance(Instance("i2"));
  world.SetConnected("c/i1", true);
  world.SetConnected("c/unknown", true);
  world.ledger().Seal();
  ASSERT_TRUE(world.Load());
  EXPECT_TRUE(world.Connected("c/i1"));
  EXPECT_TRUE(world.Candidate("c/i1")->agent_connected);
  EXPECT_FALSE(world.Candidate("c/i2")->agent_connected);
  EXPECT_FALSE(world.Connected("c/unknown"));
}

TEST_F(WorldTest, ForgetsMetricsWithTheirTask) {
  world.PutTask(TaskOn("i1", "a", "RUNNING"));
  world.PutMetrics("c/a", {.taskArn = "a"});
  world.PutMetrics("c/unknown", {.taskArn = "unknown"});
  EXPECT_NE(world.MetricsOf("c/a"), nullptr);
  EXPECT_EQ(world.MetricsOf("c/unknown"), nullptr);
  world.PutTask(TaskOn("i1", "a", "STOPPED"));
  EXPECT_EQ(world.MetricsOf("c/a"), nullptr);
}

TEST_F(WorldTest, NamesTheRecordThatItCannotRead) {
  ASSERT_TRUE(store.CommitAndWait({.then = {Operation::Put("/tasks/c/bad", "{\"id\": 1}")}}));
  const auto loaded = world.Load();
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message(), testing::HasSubstr("/tasks/c/bad"));
}

TEST_F(WorldTest, NeverGivesANumberTwice) {
  world.PutInstance(Instance("i1"));
  EXPECT_EQ(world.NextSequence("c/i1"), 1);
  EXPECT_EQ(world.NextSequence("c/i1"), 2);
  world.ledger().Seal();
  ASSERT_TRUE(world.Load());
  EXPECT_EQ(world.NextSequence("c/i1"), 3);
}

// Everything that is worked out, as text.
std::string DerivedOf(const World& world) {
  std::string text;
  const TaskCounts counts = world.CountsOfCluster("c");
  text += fmt::format("cluster {} {} {}\n", counts.running, counts.pending, world.InstancesOf("c"));
  for (const std::string id : {"i0", "i1", "i2"}) {
    const TaskCounts own = world.CountsOfInstance("c/" + id);
    text += fmt::format("{}: {} {}", id, own.running, own.pending);
    for (const std::string& task : world.TasksOn("c/" + id)) text += " " + task;
    if (const placement::Instance* view = world.Candidate("c/" + id)) {
      const int64_t* group = view->tasks_by_group.Find(placement::Name("family:web"));
      text +=
          fmt::format("; left {} {} tasks {} {} group {} ports", view->left.cpu, view->left.memory,
                      view->running_tasks, view->pending_tasks, group == nullptr ? 0 : *group);
      for (const uint16_t port : view->left.tcp_ports) text += fmt::format(" {}", port);
    }
    text += '\n';
  }
  for (const std::string& address : world.AddressesOf("s")) text += address + " ";
  return text;
}

class WorldProperty : public testing::TestWithParam<unsigned> {};

TEST_P(WorldProperty, IsTheSameAfterAReloadWhateverWasDone) {
  FakeStore store;
  FakeLoop loop;
  World world(store, loop.Poster());
  ASSERT_TRUE(world.Load());
  std::mt19937 random(GetParam());
  const auto any = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  constexpr const char* kStatuses[] = {"PROVISIONING", "PENDING", "RUNNING", "STOPPED"};
  for (int step = 0; step < 300; ++step) {
    const std::string instance = fmt::format("i{}", any(3));
    const std::string task = fmt::format("t{}", any(8));
    switch (any(7)) {
      case 0:
        world.PutInstance(Instance(instance));
        break;
      case 1:
        world.EraseInstance("c/" + instance);
        break;
      case 2:
        world.EraseTask("c/" + task);
        break;
      case 3:
        world.PutInterface({.id = fmt::format("eni-{}", any(4)),
                            .subnet_id = "s",
                            .address = fmt::format("10.0.0.{}", step)});
        break;
      case 4:
        world.EraseInterface(fmt::format("eni-{}", any(4)));
        break;
      default:
        TaskRecord record = TaskOn(any(4) == 0 ? "" : instance, task, kStatuses[any(4)]);
        record.tcp_ports = {8000 + (task[1] - '0')};
        world.PutTask(std::move(record));
    }
    if (step % 20 != 19) continue;
    world.ledger().Seal();
    loop.RunPosted();
    World again(store, loop.Poster());
    ASSERT_TRUE(again.Load());
    ASSERT_EQ(DerivedOf(world), DerivedOf(again)) << "after step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WorldProperty, testing::Range(0u, 20u));

}  // namespace
}  // namespace berth::scheduler
