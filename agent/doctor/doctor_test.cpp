// On whatever host the tests run.
#include "agent/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "agent/doctor/render.h"
#include "base/files.h"

namespace berth::doctor {
namespace {

TEST(DoctorTest, ExaminesEverythingOnceAndSaysWhatToDo) {
  const auto report = Examine({.root = testing::TempDir()});
  ASSERT_TRUE(report) << report.error().message();
  std::set<std::string> names;
  for (const Finding& finding : report->findings) {
    EXPECT_TRUE(names.insert(finding.name).second) << finding.name;
    EXPECT_FALSE(finding.found.empty()) << finding.name;
    EXPECT_EQ(finding.change.empty(), finding.state == State::kOk) << finding.name;
  }
  for (const char* name : {"kernel",        "cgroups",   "cgroups.limits", "cgroups.clone3",
                           "namespace.pid", "overlayfs", "mount-api",      "openat2",
                           "pidfd",         "seccomp",   "nftables",       "nftables.flowtable",
                           "veth",          "macvlan",   "bandwidth",      "forwarding",
                           "capabilities",  "systemd",   "resolver",       "storage"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(DoctorTest, RootOnALinuxThatRunsBerthMissesNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto report = Examine({.root = testing::TempDir()});
  ASSERT_TRUE(report);
  for (const Finding& finding : report->findings) {
    EXPECT_NE(finding.state, State::kMissing) << RenderText(*report);
  }
}

TEST(DoctorTest, APlaceThatDoesNotExistYetIsJudgedByItsParent) {
  const auto report = Examine({.root = testing::TempDir() + "not/yet/there"});
  ASSERT_TRUE(report);
  const Finding& storage = report->findings.back();
  EXPECT_EQ(storage.name, "storage");
  EXPECT_NE(storage.state, State::kMissing) << storage.found;
}

TEST(DoctorTest, LeavesTheHostAsItWas) {
  const std::string links = *ReadFile("/proc/net/dev");
  const std::string mounts = *ReadFile("/proc/self/mountinfo");
  ASSERT_TRUE(Examine());
  EXPECT_EQ(*ReadFile("/proc/self/mountinfo"), mounts);
  EXPECT_EQ(std::count(links.begin(), links.end(), '\n'), [] {
    const auto now = *ReadFile("/proc/net/dev");
    return std::count(now.begin(), now.end(), '\n');
  }());
}

}  // namespace
}  // namespace berth::doctor
