// Scopes of a user's systemd, on a host that systemd runs.
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/kernel_test.h"
#include "cgroups/scope.h"
#include "systemd/host.h"

namespace berth::cgroups {
namespace {

constexpr int kNobody = 65534;

// Run by the tests below, as a user.
TEST(UserScope, HoldsALimitedProcess) {
  if (::geteuid() != kNobody || ::getenv("XDG_RUNTIME_DIR") == nullptr) {
    GTEST_SKIP() << "needs a user's systemd";
  }
  const auto hierarchy = DetectHierarchy();
  ASSERT_TRUE(hierarchy) << hierarchy.error().message();
  auto process = Spawn({.argv = {"/bin/sleep", "60"}});
  ASSERT_TRUE(process) << process.error().message();
  const std::string name = fmt::format("berth-test-{}.scope", RandomHex(4));
  const auto scope = MakeScope(
      *hierarchy,
      {.slice = "user.slice",
       .name = name,
       .limits = {.memory = {.max = 64 << 20}, .pids = {.max = 7}, .cpuset = {.cpus = "0"}},
       .leaf = "container",
       .instance = InstanceOfCaller()},
      process->pid());
  ASSERT_TRUE(scope) << scope.error().message();
  const auto root = SystemdRoot(SystemdInstance::kUser);
  ASSERT_TRUE(root) << root.error().message();
  EXPECT_EQ(*root, "user.slice/user-65534.slice/user@65534.service/");
  const std::string place = *root + "user.slice/" + name;
  EXPECT_EQ(scope->path(), hierarchy->mount_point + "/" + place);
  EXPECT_EQ(*ReadFile(fmt::format("/proc/{}/cgroup", process->pid())),
            "0::/" + place + "/container\n");
  EXPECT_EQ(*ReadFileAt(scope->fd(), "memory.max"), "67108864\n");
  EXPECT_EQ(*ReadFileAt(scope->fd(), "pids.max"), "7\n");
  // The host's systemd hands down cpu, memory and pids to those of users (user@.service).
  EXPECT_EQ(scope->Unenforced(), std::vector<std::string>{"cpuset.cpus"});
  const auto updated = UpdateScope(name, {.pids = {.max = 9}}, SystemdInstance::kUser);
  ASSERT_TRUE(updated) << updated.error().message();
  EXPECT_EQ(*ReadFileAt(scope->fd(), "pids.max"), "9\n");
  ASSERT_TRUE(process->Signal(SIGKILL));
  ASSERT_TRUE(process->Reap());
  for (int i = 0; i < 100 && Exists(scope->path()); ++i) ::usleep(100'000);
  EXPECT_FALSE(Exists(scope->path())) << "systemd collects what is empty";
}

class UserScopeHostTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!systemd::Booted() || ::geteuid() != 0) {
      GTEST_SKIP() << "needs root on a host that systemd runs";
    }
    // What pam_systemd would do with the help of logind, which is not everywhere.
    const std::string drop_in = "/run/systemd/system/user@65534.service.d";
    ASSERT_TRUE(sys::MakeDirectories(drop_in, 0755));
    ASSERT_TRUE(ReplaceFile(drop_in + "/berth-test.conf",
                            "[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n"));
    ASSERT_EQ(Run({"/bin/systemctl", "daemon-reload"}), "");
    ASSERT_EQ(Run({"/bin/systemctl", "start", "user@65534.service"}), "");
  }
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_EQ(Run({"/bin/systemctl", "stop", "user@65534.service"}), "");
  }

  // "" if it left with 0.
  static std::string Run(std::vector<std::string> words) {
    const auto done = RunCommand({.argv = std::move(words)});
    if (!done) return done.error().message();
    const bool passed = done->status.code == 0 && done->out.find("SKIPPED") == std::string::npos;
    return passed ? "" : done->out + " failed";
  }
  // The test above, for a user who finds a bus at that address.
  static std::string RunAsUser(const std::string& bus) {
    std::array<char, PATH_MAX> program = {};
    if (::readlink("/proc/self/exe", program.data(), program.size() - 1) < 0) return "readlink";
    return Run({"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                "/usr/bin/env", "XDG_RUNTIME_DIR=/run/user/65534",
                "DBUS_SESSION_BUS_ADDRESS=" + bus, program.data(), "--gtest_filter=UserScope.*"});
  }
};

TEST_F(UserScopeHostTest, IsMadeByWayOfTheUsersBus) {
  ASSERT_TRUE(Exists("/run/user/65534/bus"));
  EXPECT_EQ(RunAsUser("unix:path=/run/user/65534/bus"), "");
}

TEST_F(UserScopeHostTest, IsMadeWithoutABus) {
  EXPECT_EQ(RunAsUser("unix:path=/nonexistent/socket"), "");
}

}  // namespace
}  // namespace berth::cgroups
