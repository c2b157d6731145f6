#include "agent/endpoints/introspection.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/endpoints/test_catalog.h"

namespace berth::agent::endpoints {
namespace {

class IntrospectionTest : public testing::Test {
 protected:
  Answered Ask(const std::string& target) {
    return ToAnswered(AnswerIntrospection(catalog_, Get(target, "127.0.0.1")));
  }
  TestCatalog catalog_;
};

TEST_F(IntrospectionTest, AnyOtherPathListsWhatThereIs) {
  for (const char* target : {"/", "/nope", "/v1", "/v1/tasks/"}) {
    const Answered answered = Ask(target);
    EXPECT_EQ(answered.status, 200);
    EXPECT_EQ(answered.body, R"({"AvailableCommands":["/v1/metadata","/v1/tasks","/license"]})");
  }
}

TEST_F(IntrospectionTest, TellsOfTheAgent) {
  EXPECT_EQ(
      Ask("/v1/metadata").Body(),
      (Json{{"Cluster", "default"}, {"ContainerInstanceArn", kInstanceArn}, {"Version", "1.2.3"}}));
  catalog_.agent.container_instance_arn = "";
  EXPECT_TRUE(Ask("/v1/metadata").Body().at("ContainerInstanceArn").is_null());
}

TEST_F(IntrospectionTest, TellsOfTasksInTheWordsOfTheControlPlane) {
  const Json tasks = Ask("/v1/tasks").Body().at("Tasks");
  ASSERT_EQ(tasks.size(), 2);
  EXPECT_EQ(tasks[0].at("Arn"), kWebArn);
  EXPECT_EQ(tasks[0].at("KnownStatus"), "RUNNING");
  EXPECT_EQ(tasks[0].at("DesiredStatus"), "RUNNING");
  EXPECT_EQ(tasks[0].at("Version"), "7");
  ASSERT_EQ(tasks[0].at("Containers").size(), 1) << "the one that is not made yet is not there";
  EXPECT_EQ(tasks[0].at("Containers")[0].at("DockerName"), "ecs-shop-7-web-abc");
  EXPECT_EQ(tasks[1].at("Containers")[0].at("Ports")[0].at("HostPort"), 9100);
}

TEST_F(IntrospectionTest, WhatHasBeenPassedIsNotDesired) {
  EndpointTask task = HostTask();
  task.known = LifeStatus::kStopped;
  catalog_.Put(task);
  EXPECT_FALSE(Ask("/v1/tasks?taskarn=" + std::string(kHostArn)).Body().contains("DesiredStatus"));
}

TEST_F(IntrospectionTest, FindsOneTask) {
  EXPECT_EQ(Ask("/v1/tasks?taskarn=" + http::PercentEncode(kWebArn)).Body().at("Arn"), kWebArn);
  EXPECT_EQ(Ask("/v1/tasks?dockerid=" + std::string(64, 'c')).Body().at("Arn"), kHostArn);
  EXPECT_EQ(Ask("/v1/tasks?dockerid=ccccc").Body().at("Arn"), kHostArn);
  for (const char* target :
       {"/v1/tasks?taskarn=nope", "/v1/tasks?dockerid=d", "/v1/tasks?dockerid="}) {
    const Answered answered = Ask(target);
    EXPECT_EQ(answered.status, 404) << target;
    EXPECT_EQ(answered.body, "{}") << target;
  }
}

TEST_F(IntrospectionTest, ShowsTheLicense) {
  EXPECT_NE(Ask("/license").body.find("Apache License"), std::string::npos);
}

}  // namespace
}  // namespace berth::agent::endpoints
