#include "systemd/instance.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "base/files.h"
#include "base/format.h"

namespace berth::systemd {
namespace {

// XDG_RUNTIME_DIR for as long as the object lives.
class RuntimeDir {
 public:
  explicit RuntimeDir(const char* dir) {
    if (const char* before = ::getenv(kName)) before_ = before;
    Set(dir);
  }
  ~RuntimeDir() { Set(before_ ? before_->c_str() : nullptr); }

 private:
  static constexpr const char* kName = "XDG_RUNTIME_DIR";
  static void Set(const char* dir) {
    if (dir == nullptr) {
      ::unsetenv(kName);
    } else {
      ::setenv(kName, dir, 1);
    }
  }
  std::optional<std::string> before_;
};

// With that map of ids, for root.
Instance Of(const std::string& uid_map) {
  const std::string path = testing::TempDir() + "uid_map";
  EXPECT_TRUE(WriteFileAtomically(path, uid_map));
  return InstanceOfCaller({.uid_map = path});
}

constexpr const char* kFirstNamespace = "         0          0 4294967295\n";
constexpr const char* kOfAUser =
    "         0       1000          1\n         1     100000      65536\n";

TEST(InstanceTest, RootOfAHostAsksTheHosts) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const RuntimeDir dir("/run/user/0");
  EXPECT_EQ(Of(kFirstNamespace), Instance::kHost);
}

TEST(InstanceTest, RootOfAUsersNamespaceAsksTheUsers) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const RuntimeDir dir("/run/user/1000");
  EXPECT_EQ(Of(kOfAUser), Instance::kUser);
}

TEST(InstanceTest, RootOfAContainerAsksTheContainersOwn) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const RuntimeDir dir(nullptr);
  EXPECT_EQ(Of(kOfAUser), Instance::kHost);
}

TEST(UserRuntimeDirTest, IsWhatTheSessionSaysOrTheUsualPlace) {
  {
    const RuntimeDir dir("/run/elsewhere");
    EXPECT_EQ(UserRuntimeDir(), "/run/elsewhere");
  }
  for (const char* said : {static_cast<const char*>(nullptr), "", "relative"}) {
    const RuntimeDir dir(said);
    EXPECT_EQ(UserRuntimeDir(), fmt::format("/run/user/{}", ::geteuid()));
  }
}

}  // namespace
}  // namespace berth::systemd
