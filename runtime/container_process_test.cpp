// What the kernel says of a container's processes: how they are scheduled, what they are taken for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ContainerProcess, IsScheduledAsTheSpecSays) {
  TestBox box;
  box.spec.process.scheduler = Scheduler{.policy = "SCHED_BATCH", .nice = 5};
  // proc_pid_stat(5): field 19 is the nice value, 40 the real-time priority, 41 the policy.
  const std::string stat = "cut -d' ' -f19,41 /proc/self/stat";
  EXPECT_EQ(box.Run("/bin/busybox " + stat).text, "5 3\n");
  box.spec.process.scheduler =
      Scheduler{.policy = "SCHED_FIFO", .priority = 7, .flags = {"SCHED_FLAG_RESET_ON_FORK"}};
  EXPECT_EQ(box.Run("/bin/busybox cut -d' ' -f40,41 /proc/$$/stat").text, "7 1\n");
  EXPECT_EQ(box.Run("/bin/busybox cut -d' ' -f40,41 /proc/self/stat; true").text, "0 0\n");
  box.spec.process.scheduler = Scheduler{.policy = "SCHED_IDLE"};
  EXPECT_EQ(box.Run("/bin/busybox cut -d' ' -f41 /proc/self/stat").text, "5\n");
  box.spec.process.scheduler = Scheduler{.policy = "SCHED_RR", .priority = 1000};
  EXPECT_EQ(box.Run("true").error, "scheduling: process.scheduler: SCHED_RR: Invalid argument");
}

TEST(ContainerProcess, MayHaveADeadline) {
  TestBox box;
  box.spec.process.scheduler = Scheduler{.policy = "SCHED_DEADLINE",
                                         .runtime = 1'000'000,
                                         .deadline = 10'000'000,
                                         .period = 10'000'000};
  const Outcome outcome = box.Run("exec /bin/busybox cut -d' ' -f41 /proc/self/stat");
  if (outcome.error.ends_with("Operation not permitted") ||
      outcome.error.ends_with("Device or resource busy")) {
    GTEST_SKIP() << "processors are bound to cpusets here, or taken";
  }
  EXPECT_EQ(outcome.text, "6\n") << outcome.error;
}

TEST(ContainerProcess, HasAnIoPriority) {
  TestBox box;
  box.spec.process.ioPriority = IoPriority{.ioClass = "IOPRIO_CLASS_BE", .priority = 6};
  EXPECT_EQ(box.Run("/bin/busybox ionice -p $$").text, "best-effort: prio 6\n");
  box.spec.process.ioPriority = IoPriority{.ioClass = "IOPRIO_CLASS_IDLE"};
  EXPECT_THAT(box.Run("/bin/busybox ionice -p $$").text, StartsWith("idle"));
}

TEST(ContainerProcess, HasAnExecutionDomain) {
  TestBox box;
  box.spec.linux_.personality = Personality{.domain = "LINUX32"};
  EXPECT_EQ(box.Run("cat /proc/self/personality; /bin/busybox uname -m").text, "00000008\ni686\n");
}

TEST(ContainerProcess, HasAMemoryPolicy) {
  if (!Exists("/proc/self/numa_maps")) GTEST_SKIP() << "this kernel has no NUMA policies";
  TestBox box;
  box.spec.linux_.memoryPolicy = MemoryPolicy{.mode = "MPOL_BIND", .nodes = "0"};
  EXPECT_THAT(box.Run("cat /proc/self/numa_maps").text, HasSubstr(" bind:0 "));
}

TEST(ContainerProcess, FurtherOnesRunOnTheirProcessors) {
  TestBox box;
  RunningBox running(box);
  Process process = box.spec.process;
  process.args = {"/bin/grep", "Cpus_allowed_list", "/proc/self/status"};
  process.execCPUAffinity = {.initial = "0", .final = "0"};
  EXPECT_EQ(running.Exec(process).text, "Cpus_allowed_list:\t0\n");
}

TEST(ContainerProcess, HasClocksOfItsOwn) {
  TestBox box;
  box.spec.linux_.namespaces.push_back({.type = "time", .path = ""});
  box.spec.linux_.timeOffsets = {{"boottime", {.secs = 864000000, .nanosecs = 5}},
                                 {"monotonic", {.secs = 1000}}};
  const Outcome outcome = box.Run("cat /proc/uptime /proc/self/timens_offsets");
  EXPECT_THAT(outcome.text, StartsWith("864")) << outcome.error;
  EXPECT_THAT(outcome.text, testing::ContainsRegex("boottime +864000000 +5\n"));
}

TEST(ContainerProcess, SeesOtherOwnersOfMappedMounts) {
  TestBox box;
  const std::string volume = box.bundle() + "/volume";
  ASSERT_TRUE(sys::MakeDirectories(volume + "/sub", 0755));
  ASSERT_EQ(::chown(volume.c_str(), 7, 8), 0);
  box.spec.mounts.push_back({.destination = "/data",
                             .type = "bind",
                             .source = volume,
                             .options = {"rbind", "idmap"},
                             .uidMappings = {{.containerID = 7, .hostID = 1007, .size = 1}},
                             .gidMappings = {{.containerID = 8, .hostID = 1008, .size = 1}}});
  EXPECT_EQ(box.Run("stat -c %u:%g /data").text, "1007:1008\n");
  box.spec.mounts.back().gidMappings.clear();
  EXPECT_EQ(box.Run("true").error,
            "mounts: /data: uidMappings and gidMappings are both needed, here or in "
            "linux");
}

}  // namespace
}  // namespace berth::runtime
