#include "ecs/task_size.h"

#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

TEST(TaskSize, ReadsCpuUnitsAndVcpus) {
  EXPECT_EQ(ParseTaskCpu("256"), 256);
  EXPECT_EQ(ParseTaskCpu("0.25 vCPU"), 256);
  EXPECT_EQ(ParseTaskCpu(".5vcpu"), 512);
  EXPECT_EQ(ParseTaskCpu(" 1 VCPU "), 1024);
  EXPECT_EQ(ParseTaskCpu("0.125 vCPU"), 128);
  EXPECT_EQ(ParseTaskCpu("192 vCPU"), 196608);
}

TEST(TaskSize, ReadsMemoryInMiBAndGb) {
  EXPECT_EQ(ParseTaskMemory("512"), 512);
  EXPECT_EQ(ParseTaskMemory("1 GB"), 1024);
  EXPECT_EQ(ParseTaskMemory("0.5gb"), 512);
  EXPECT_EQ(ParseTaskMemory("30 GB"), 30720);
}

TEST(TaskSize, RefusesWhatIsNoSize) {
  for (const char* text :
       {"", " ", "vCPU", ".vCPU", ". vCPU", "1.", "-1", "+1", "0x10", "1 GB", "1.5", "1e3 vCPU",
        "1..5 vCPU", "99999999999", "0.1 vCPU", "1.0000000001 vCPU", "12345678901 vCPU"}) {
    EXPECT_EQ(ParseTaskCpu(text), std::nullopt) << text;
  }
  for (const char* text : {"512 MB", "512MiB", "1 vCPU", "0.3 GB", "GB", "1 G"}) {
    EXPECT_EQ(ParseTaskMemory(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace berth::ecs
