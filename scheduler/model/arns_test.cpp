#include "scheduler/model/arns.h"

#include <gtest/gtest.h>

#include "scheduler/model/ids.h"

namespace berth::scheduler {
namespace {

const Arns kArns({.account = "123456789012", .region = "us-east-1", .seal_key = ""});

TEST(Arns, AreOfTheLongFormat) {
  EXPECT_EQ(kArns.Cluster("c"), "arn:aws:ecs:us-east-1:123456789012:cluster/c");
  EXPECT_EQ(kArns.Task("c", "t"), "arn:aws:ecs:us-east-1:123456789012:task/c/t");
  EXPECT_EQ(kArns.Container("c", "t", "x"), "arn:aws:ecs:us-east-1:123456789012:container/c/t/x");
  EXPECT_EQ(kArns.TaskDefinition("web", 3),
            "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3");
  EXPECT_EQ(kArns.Role("r"), "arn:aws:iam::123456789012:role/r");
  EXPECT_EQ(kArns.Zone(), "us-east-1a");
}

TEST(Arns, AreShortenedToTheirLastPart) {
  EXPECT_EQ(LastPart("arn:aws:ecs:us-east-1:123456789012:task/c/t"), "t");
  EXPECT_EQ(LastPart("t"), "t");
  EXPECT_EQ(LastPart("ends/"), "");
  EXPECT_EQ(LastPart(""), "");
}

TEST(Arns, NameTheirResource) {
  EXPECT_EQ(EcsResource("arn:aws:ecs:us-east-1:1:task/c/t"), "task/c/t");
  EXPECT_EQ(EcsResource("arn:aws:ecs:us-east-1:1:task-definition/web:3"), "task-definition/web:3");
  EXPECT_EQ(EcsResource("arn:aws:iam::1:role/r"), std::nullopt);
  EXPECT_EQ(EcsResource("arn:aws:ecs:us-east-1"), std::nullopt);
  EXPECT_EQ(EcsResource("web"), std::nullopt);
  EXPECT_EQ(EcsResource(""), std::nullopt);
}

TEST(Arns, NameTheClusterIfTheyAreLong) {
  EXPECT_EQ(ClusterIn("arn:aws:ecs:us-east-1:1:task/c/t"), "c");
  EXPECT_EQ(ClusterIn("arn:aws:ecs:us-east-1:1:task/t"), std::nullopt);
  EXPECT_EQ(ClusterIn("arn:aws:ecs:us-east-1:1:task"), std::nullopt);
  EXPECT_EQ(ClusterIn("c/t"), std::nullopt);
}

TEST(RandomUuids, AreOfVersionFour) {
  const std::string uuid = RandomUuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
  EXPECT_NE(RandomUuid(), uuid);
}

}  // namespace
}  // namespace berth::scheduler
