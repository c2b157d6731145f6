#include "runtime/process/security_label.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

constexpr const char* kLabel = "system_u:system_r:container_t:s0:c1,c2";

// A host's /sys and a process's attr, in a directory.
class SecurityLabelTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/berth-lsm-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    File("/attr/exec");
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(root_)); }

  void File(const std::string& path, const std::string& content = "") {
    ASSERT_TRUE(sys::MakeDirectories(root_ + path.substr(0, path.rfind('/')), 0755));
    ASSERT_TRUE(ReplaceFile(root_ + path, content));
  }
  std::string Problem(const Process& process, const Linux& config = {}) {
    const auto checked = CheckSecurityLabels(process, config, root_ + "/sys");
    return checked ? "" : checked.error().message();
  }
  void Set(const Process& process) {
    const auto labels = SecurityLabels::Open(process, root_ + "/attr", root_ + "/sys");
    ASSERT_TRUE(labels) << labels.error().message();
    EXPECT_TRUE(labels->Set(process));
  }
  std::string Content(const std::string& path) { return *ReadFile(root_ + path); }

  std::string root_;
};

TEST_F(SecurityLabelTest, LabelsNeedTheirModule) {
  EXPECT_EQ(Problem({}), "");
  EXPECT_EQ(Problem({.apparmorProfile = "unconfined"}), "");
  EXPECT_EQ(Problem({.apparmorProfile = "web"}),
            "process.apparmorProfile: this host does not run AppArmor");
  EXPECT_EQ(Problem({.selinuxLabel = kLabel}),
            "process.selinuxLabel: this host does not run SELinux");
  Linux config;
  config.mountLabel = kLabel;
  EXPECT_EQ(Problem({}, config), "linux.mountLabel: this host does not run SELinux");

  File("/sys/module/apparmor/parameters/enabled", "Y\n");
  File("/sys/fs/selinux/enforce", "1");
  EXPECT_EQ(Problem({.apparmorProfile = "web", .selinuxLabel = kLabel}, config), "");
}

TEST_F(SecurityLabelTest, WritesWhatTheNextProgramRunsAs) {
  Set({.selinuxLabel = kLabel});
  EXPECT_EQ(Content("/attr/exec"), kLabel);
  File("/attr/exec");
  Set({.apparmorProfile = "web"});
  EXPECT_EQ(Content("/attr/exec"), "exec web");
}

TEST_F(SecurityLabelTest, PrefersAppArmorsOwnFile) {
  File("/attr/apparmor/exec");
  Set({.apparmorProfile = "web", .selinuxLabel = kLabel});
  EXPECT_EQ(Content("/attr/apparmor/exec"), "exec web");
  EXPECT_EQ(Content("/attr/exec"), kLabel);
}

TEST_F(SecurityLabelTest, WritesNothingWithoutALabel) {
  Set({.apparmorProfile = "unconfined"});
  EXPECT_EQ(Content("/attr/exec"), "");
}

TEST(SecurityLabel, ContainerIsRefusedWhereTheModuleIsMissing) {
  if (HasSelinux()) GTEST_SKIP();
  TestBox box;
  box.spec.linux_.mountLabel = kLabel;
  EXPECT_EQ(box.Run("true").error, "check: linux.mountLabel: this host does not run SELinux");
}

}  // namespace
}  // namespace berth::runtime
