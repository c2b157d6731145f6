#include "scheduler/agents/due.h"

#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;

class DueTest : public testing::Test {
 protected:
  DueTest() {
    instance = at.AddInstance();
    at.RegisterWeb();
    task = at.RunWeb();
    key = World::Key("default", LastPart(task.taskArn));
  }

  template <typename Change>
  void Put(const Change& change) {
    TaskRecord record = at.Record(task);
    change(record);
    at.world.PutTask(std::move(record));
  }
  Due Now() const {
    return WhatIsDue(at.world, TestWorld::KeyOf(instance), told, at.now, std::chrono::hours(1));
  }

  TestWorld at;
  std::string instance, key;
  api::Task task;
  Told told;
};

TEST_F(DueTest, IsAStartUntilItIsToldOrDelivered) {
  EXPECT_THAT(Now().starts, ElementsAre(key));
  told.starts.insert(key);
  EXPECT_TRUE(Now().Empty());
  told = {};
  Put([](TaskRecord& record) { record.delivered = true; });
  EXPECT_TRUE(Now().Empty());
}

TEST_F(DueTest, IsAStopUntilTheTaskHasStopped) {
  Put([](TaskRecord& record) { record.task.desiredStatus = "STOPPED"; });
  EXPECT_THAT(Now().stops, ElementsAre(key));
  EXPECT_THAT(Now().starts, ElementsAre());
  told.stops.insert(key);
  EXPECT_TRUE(Now().Empty());
  told = {};  // a new connection
  EXPECT_THAT(Now().stops, ElementsAre(key));
  Put([](TaskRecord& record) { record.task.lastStatus = "STOPPED"; });
  EXPECT_TRUE(Now().Empty());
}

TEST_F(DueTest, IsTheInterfaceBeforeTheTask) {
  InterfaceRecord interface = {.id = "eni-1", .task_id = std::string(LastPart(task.taskArn))};
  at.world.PutInterface(interface);
  Put([](TaskRecord& record) { record.interface_id = "eni-1"; });
  EXPECT_THAT(Now().attachments, ElementsAre(key));
  EXPECT_THAT(Now().starts, ElementsAre());
  told.attachments.insert(key);
  EXPECT_TRUE(Now().Empty());
  interface.status = InterfaceStatus::kAttached;
  at.world.PutInterface(interface);
  EXPECT_THAT(Now().starts, ElementsAre(key));
}

TEST_F(DueTest, IsNewCredentialsBeforeTheOldOnesEnd) {
  Put([&](TaskRecord& record) {
    record.delivered = true;
    record.role_credentials_id = "credentials";
    record.credentials_expire = at.now + std::chrono::hours(2);
  });
  EXPECT_TRUE(Now().Empty());
  at.now += std::chrono::minutes(61);
  EXPECT_THAT(Now().credentials, ElementsAre(key));
  told.credentials.insert(key);
  EXPECT_TRUE(Now().Empty());
}

TEST_F(DueTest, IsNoCredentialsForATaskWithoutARole) {
  Put([](TaskRecord& record) { record.delivered = true; });
  at.now += std::chrono::hours(24);
  EXPECT_TRUE(Now().Empty());
}

TEST_F(DueTest, IsNothingForOtherInstances) {
  EXPECT_TRUE(WhatIsDue(at.world, "default/other", {}, at.now, std::chrono::hours(1)).Empty());
}

}  // namespace
}  // namespace berth::scheduler
