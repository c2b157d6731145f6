#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/spec/resources_parse.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

constexpr const char* kEverything =
    R"({"memory":{"limit":1,"reservation":2,"swap":3,"checkBeforeUpdate":true},)"
    R"("cpu":{"shares":4,"quota":5,"period":6,"burst":4,"idle":1,"cpus":"0","mems":"1"},)"
    R"("pids":{"limit":7},)"
    R"("blockIO":{"weight":8,"weightDevice":[{"major":9,"minor":10,"weight":11}],)"
    R"("throttleReadBpsDevice":[{"major":1,"minor":2,"rate":3}],)"
    R"("throttleWriteBpsDevice":[{"major":1,"minor":2,"rate":4}],)"
    R"("throttleReadIOPSDevice":[{"major":1,"minor":2,"rate":5}],)"
    R"("throttleWriteIOPSDevice":[{"major":1,"minor":2,"rate":6}]},)"
    R"("rdma":{"mlx":{"hcaHandles":1}},)"
    R"("hugepageLimits":[{"pageSize":"2MB","limit":12}],)"
    R"("devices":[{"allow":true,"type":"c","major":1,"minor":3,"access":"rw"}],)"
    R"("unified":{"memory.high":"9"}})";

std::string ProblemOf(const std::string& json) {
  const auto resources = ParseResources(json);
  return resources ? "" : resources.error().message();
}

TEST(Resources, SurviveADump) {
  const auto resources = ParseResources(kEverything);
  ASSERT_TRUE(resources) << resources.error().message();
  EXPECT_EQ(resources->cpu.burst, 4U);
  EXPECT_EQ(resources->blockIO.throttleWriteIOPSDevice[0].rate, 6U);
  EXPECT_EQ(*ParseResources(DumpResources(*resources)), *resources);
}

TEST(Resources, RefuseWhatVersion1AloneHas) {
  EXPECT_THAT(ProblemOf(R"({"memory": {"swappiness": 60}})"),
              HasSubstr("memory.swappiness: is a setting of cgroup version 1"));
  EXPECT_THAT(ProblemOf(R"({"memory": {"disableOOMKiller": true}})"),
              HasSubstr("memory.disableOOMKiller: is a setting"));
  EXPECT_THAT(ProblemOf(R"({"cpu": {"realtimeRuntime": 5}})"), HasSubstr("cpu.realtimeRuntime"));
  EXPECT_THAT(ProblemOf(R"({"network": {"classID": 5}})"), HasSubstr("network.classID"));
  EXPECT_THAT(ProblemOf(R"({"network": {"priorities": [{"name": "eth0", "priority": 1}]}})"),
              HasSubstr("network.priorities"));
  EXPECT_THAT(ProblemOf(R"({"blockIO": {"leafWeight": 10}})"), HasSubstr("blockIO.leafWeight"));
  EXPECT_EQ(ProblemOf(R"({"memory": {"disableOOMKiller": false}, "network": {"priorities": []},
                          "cpu": {"realtimePeriod": 0}})"),
            "");
}

TEST(Resources, NameTheValueThatIsWrong) {
  EXPECT_THAT(ProblemOf(R"({"memory": {"limit": -2}})"), HasSubstr("memory: -2 is less than -1"));
  EXPECT_THAT(ProblemOf(R"({"cpu": {"idle": 2}})"), HasSubstr("cpu: idle must be 0 or 1"));
  EXPECT_THAT(ProblemOf(R"({"cpu": {"quota": 5, "burst": 6}})"), HasSubstr("burst is larger"));
  EXPECT_THAT(ProblemOf(R"({"pids": {}})"), HasSubstr("pids: limit is required"));
  EXPECT_THAT(ProblemOf(R"({"devices": [{"allow": true, "type": "z"}]})"), HasSubstr("devices[0]"));
  EXPECT_THAT(ProblemOf(R"({"devices": [{"type": "c"}]})"), HasSubstr("allow is required"));
  EXPECT_THAT(ProblemOf(R"({"hugepageLimits": [{"pageSize": "../x", "limit": 1}]})"),
              HasSubstr("not like 2MB"));
  EXPECT_THAT(ProblemOf(R"({"unified": {"cgroup.procs": "1"}})"), HasSubstr("cgroup.procs"));
  EXPECT_THAT(ProblemOf(R"({"rdma": {"mlx": {}}})"), HasSubstr("rdma.mlx"));
  EXPECT_THAT(ProblemOf(R"({"blockIO": {"weightDevice": [{"major": 1, "minor": 2}]}})"),
              HasSubstr("weight is required"));
}

}  // namespace
}  // namespace berth::runtime
