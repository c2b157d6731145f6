#include "systemd/host.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth::systemd {
namespace {

class BootedTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(dir_.data()), nullptr);
    ASSERT_TRUE(sys::MakeDirectories(paths().libraries.back(), 0755));
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }
  HostPaths paths() const {
    return {.run = dir_ + "/run", .libraries = {dir_ + "/none", dir_ + "/lib"}};
  }
  void Boot() { ASSERT_TRUE(sys::MakeDirectories(paths().run, 0755)); }
  void Install(const std::string& library) {
    ASSERT_TRUE(ReplaceFile(paths().libraries.back() + "/" + library, ""));
  }

  std::string dir_ = testing::TempDir() + "berth-systemd-XXXXXX";
};

TEST_F(BootedTest, IsBootedWhereItsRuntimeDirectoryIs) {
  EXPECT_FALSE(Booted(paths()));
  Boot();
  EXPECT_TRUE(Booted(paths()));
}

TEST_F(BootedTest, VersionIsInTheNameOfItsLibrary) {
  Boot();
  Install("libsystemd-core-252.so");
  Install("libsystemd-shared-252.so");
  EXPECT_EQ(Version(paths()), "252");
}

TEST_F(BootedTest, NoVersionIfItIsInstalledButNotBooted) {
  Install("libsystemd-shared-252.so");
  EXPECT_EQ(Version(paths()), std::nullopt);
}

TEST_F(BootedTest, NoVersionIfNothingTellsIt) {
  Boot();
  EXPECT_EQ(Version(paths()), std::nullopt);
}

}  // namespace
}  // namespace berth::systemd
