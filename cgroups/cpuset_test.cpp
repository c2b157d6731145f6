#include "cgroups/cpuset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(CpusetTest, ThePartitionComesAfterItsProcessors) {
  EXPECT_THAT(Texts(CpusetSettings({.cpus = "0-1", .mems = "0", .partition = "isolated"})),
              ElementsAre("cpuset.mems=0", "cpuset.cpus=0-1", "cpuset.cpus.partition=isolated"));
}

}  // namespace
}  // namespace berth::cgroups
