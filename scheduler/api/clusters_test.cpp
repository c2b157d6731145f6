#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ClustersTest : public testing::Test {
 protected:
  api::Cluster Describe(const std::string& name, std::vector<std::string> include = {}) {
    const auto described =
        DescribeClusters(at.Operator("DescribeClusters"), {{name}, std::move(include)});
    return described && !described->clusters.empty() ? described->clusters[0] : api::Cluster();
  }
  std::string Delete(const std::string& name) {
    const auto deleted = DeleteCluster(at.Operator("DeleteCluster"), {name});
    return deleted ? deleted->cluster.status : deleted.error().code;
  }

  TestWorld at;
};

TEST_F(ClustersTest, LiveAndEndAndLiveAgain) {
  const Call create = at.Operator("CreateCluster");
  ASSERT_TRUE(CreateCluster(create, {.clusterName = "c", .tags = {{"k", "v"}}}));
  // Again: no error, and nothing changes.
  EXPECT_THAT(CreateCluster(create, {.clusterName = "c"})->cluster.tags, SizeIs(1));
  EXPECT_THAT(ListClusters(at.Operator("ListClusters"), {})->clusterArns, SizeIs(2));
  EXPECT_EQ(Delete("c"), "INACTIVE");
  EXPECT_EQ(Describe("c").status, "INACTIVE");
  EXPECT_THAT(ListClusters(at.Operator("ListClusters"), {})->clusterArns, SizeIs(1));
  EXPECT_EQ(Delete("c"), "ClusterNotFoundException");
  EXPECT_THAT(CreateCluster(create, {.clusterName = "c"})->cluster.tags, IsEmpty());
  EXPECT_EQ(Describe("c").status, "ACTIVE");
}

TEST_F(ClustersTest, StayWhileAnythingIsInThem) {
  const std::string instance = at.AddInstance();
  at.RegisterWeb();
  EXPECT_EQ(Delete("default"), "ClusterContainsContainerInstancesException");
  at.RunWeb();
  at.world.EraseInstance(at.KeyOf(instance));
  EXPECT_EQ(Delete("default"), "ClusterContainsTasksException");
}

TEST_F(ClustersTest, ShowWhatIsAskedFor) {
  at.AddInstance();
  at.RegisterWeb();
  at.RunWeb();
  EXPECT_EQ(Describe("default").pendingTasksCount, 1);
  EXPECT_EQ(Describe("default").registeredContainerInstancesCount, 1);
  EXPECT_THAT(Describe("default").settings, IsEmpty());
  EXPECT_THAT(Describe("default", {"SETTINGS"}).settings, SizeIs(1));
  EXPECT_THAT(Describe("default", {"STATISTICS"}).statistics, SizeIs(4));
  const auto missing = DescribeClusters(at.Operator("DescribeClusters"), {{"elsewhere"}, {}});
  EXPECT_EQ(missing->failures.at(0).reason, "MISSING");
}

TEST_F(ClustersTest, TakeSettingsThatThereAre) {
  const Call call = at.Operator("UpdateClusterSettings");
  const auto set = [&](const char* name, const char* value) {
    return UpdateClusterSettings(call, {.cluster = "default", .settings = {{name, value}}});
  };
  EXPECT_EQ(set("containerInsights", "enhanced")->cluster.settings.at(0).value, "enhanced");
  EXPECT_FALSE(set("containerInsights", "perhaps"));
  EXPECT_FALSE(set("color", "red"));
}

TEST_F(ClustersTest, RefuseNamesThatAreNone) {
  for (const char* name : {"a/b", "a b", "\xC3\xA9", ""}) {
    EXPECT_EQ(CreateCluster(at.Operator("CreateCluster"), {.clusterName = name}).error().code,
              "InvalidParameterException")
        << name;
  }
}

}  // namespace
}  // namespace berth::scheduler
