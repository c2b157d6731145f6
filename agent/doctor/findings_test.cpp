// What is concluded from facts of any host.
#include "agent/doctor/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <unistd.h>

#include "agent/doctor/trial.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::doctor {
namespace {

using cgroups::Hierarchy;
using cgroups::HierarchyKind;
using testing::HasSubstr;

TEST(DoctorKernelTest, OldKernelsAreRefused) {
  EXPECT_EQ(KernelVersion("5.14.21").state, State::kMissing);
  EXPECT_EQ(KernelVersion("4.19.0-27-amd64").state, State::kMissing);
  EXPECT_EQ(KernelVersion("nonsense").state, State::kMissing);
  EXPECT_EQ(KernelVersion("5.15.0").state, State::kOk);
  EXPECT_EQ(KernelVersion("6.1.0-13-amd64").state, State::kOk);
  EXPECT_EQ(KernelVersion("10.0-rc1").state, State::kOk);
}

TEST(DoctorCgroupTest, AUnifiedHostIsAsItShouldBe) {
  const Hierarchy hierarchy = {.kind = HierarchyKind::kUnified,
                               .mount_point = "/sys/fs/cgroup",
                               .controllers = {"cpu", "memory", "pids"}};
  EXPECT_EQ(HierarchyFinding(hierarchy).state, State::kOk);
  EXPECT_EQ(LimitsFinding(hierarchy).state, State::kOk);
}

TEST(DoctorCgroupTest, AHybridHostIsToldTheLimitsAndTheBootParameter) {
  const Hierarchy hierarchy = {.kind = HierarchyKind::kHybrid,
                               .mount_point = "/sys/fs/cgroup/unified",
                               .controllers = {"pids"}};
  EXPECT_EQ(HierarchyFinding(hierarchy).state, State::kLimited);
  const Finding limits = LimitsFinding(hierarchy);
  EXPECT_EQ(limits.state, State::kLimited);
  EXPECT_EQ(limits.found,
            "cannot be enforced: cpu.weight, cpu.max, memory.max, memory.low, memory.swap.max");
  EXPECT_THAT(limits.change, HasSubstr("systemd.unified_cgroup_hierarchy=1"));
  EXPECT_THAT(limits.change, HasSubstr("cgroup_no_v1=all"));
}

TEST(DoctorCgroupTest, ALegacyHostCannotRunTasks) {
  EXPECT_EQ(HierarchyFinding({.kind = HierarchyKind::kLegacy}).state, State::kMissing);
}

TEST(DoctorPrivilegeTest, NamesWhatRootLacksAndWhatIsLost) {
  constexpr uint64_t kAll = (uint64_t{1} << (CAP_LAST_CAP + 1)) - 1;
  EXPECT_EQ(CapabilitiesFinding(kAll).state, State::kOk);
  const Finding finding = CapabilitiesFinding(kAll & ~(uint64_t{1} << CAP_SYS_RESOURCE));
  EXPECT_EQ(finding.state, State::kLimited);
  EXPECT_EQ(finding.found,
            "missing: CAP_SYS_RESOURCE (ulimits above those of this process, and oom_score_adj "
            "below its own)");
  EXPECT_EQ(CapabilitiesFinding(0).state, State::kMissing);
  EXPECT_EQ(CapabilitiesFinding(0).found, "none at all");
}

TEST(DoctorHostTest, WithoutUnboundTasksHaveNoNames) {
  EXPECT_EQ(ResolverFinding("/bin/sh").state, State::kOk);
  const Finding finding = ResolverFinding("/usr/sbin/no-such-unbound");
  EXPECT_EQ(finding.state, State::kLimited);
  EXPECT_THAT(finding.found, HasSubstr("have no names"));
  EXPECT_THAT(finding.change, HasSubstr("apt-get install unbound"));
}

TEST(DoctorTrialTest, WhatIsForbiddenIsNotBlamedOnTheKernel) {
  const Verdict verdict = {
      .name = "veth", .works = "can be made", .without = State::kMissing, .change = "load veth"};
  EXPECT_EQ(Judge(verdict, Error("no", EOPNOTSUPP)).change, "load veth");
  EXPECT_THAT(Judge(verdict, Error("no", EPERM)).change, HasSubstr("run as root"));
  EXPECT_EQ(Judge(verdict, {}).found, "can be made");
}

TEST(DoctorTrialTest, AnswersWhatTheChildFound) {
  EXPECT_TRUE(TryInChild(0, [] { return Result<void>(); }));
  const auto failed = TryInChild(0, []() -> Result<void> { return Error("no such luck", EPERM); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "no such luck");
  EXPECT_TRUE(failed.error().Is(EPERM));
}

TEST(DoctorTrialTest, AChildThatDiesIsAFailure) {
  const auto failed = TryInChild(0, []() -> Result<void> { ::_exit(0); });
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("the trial ended without an answer"));
}

TEST(DoctorTrialTest, MountsOfATrialDoNotReachTheHost) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string before = *ReadFile("/proc/self/mountinfo");
  EXPECT_TRUE(TryInChild(CLONE_NEWNS, [] { return sys::Mount("tmpfs", "/tmp", "tmpfs", 0, ""); }));
  EXPECT_EQ(*ReadFile("/proc/self/mountinfo"), before);
}

}  // namespace
}  // namespace berth::doctor
