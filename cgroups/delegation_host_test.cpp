// Life in a part of the tree: in a cgroup namespace, and as a user whom systemd has delegated a
// unit. On a host whose cgroup2 has the controllers.
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

class DelegationHostTest : public ControllersTest {};

// Where this process sees itself.
std::string OwnCgroup() { return std::string(Trim(ReadFile("/proc/self/cgroup").ValueOr("?"))); }

// The caller's cgroup becomes the root of what it sees, in a mount namespace of its own.
Result<void> EnterCgroupNamespace() {
  if (::unshare(CLONE_NEWCGROUP | CLONE_NEWNS) != 0) return ErrnoError("unshare");
  if (::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return ErrnoError("private");
  if (::umount2("/sys/fs/cgroup", MNT_DETACH) != 0) return ErrnoError("umount");
  if (::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr) != 0) return ErrnoError("mount");
  return {};
}

// What a manager of containers does, and what became of it.
Result<std::string> LimitSomething() {
  const Hierarchy hierarchy = TRY(DetectHierarchy());
  const Limits limits = {.memory = {.max = 64 << 20}, .pids = {.max = 7}};
  const Cgroup cgroup = TRY(Cgroup::Create(hierarchy, hierarchy.NameOf("box/web"), limits));
  return fmt::format("{} pids.max={} unenforced={}", OwnCgroup(),
                     Trim(TRY(ReadFileAt(cgroup.fd(), "pids.max"))),
                     Join(cgroup.Unenforced(), ","));
}

std::string Told(Result<std::string> result) {
  return result ? std::move(result).Take() : result.error().message();
}

TEST_F(DelegationHostTest, InANamespaceProcessesAreMovedOutOfTheWay) {
  // With limits, so that its parent hands the controllers down.
  const auto cgroup =
      Cgroup::Create(hierarchy_, name_ + "/container", {.memory = {.low = 0}, .pids = {.max = 20}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  Start(*cgroup, "exec sleep 60");
  EXPECT_EQ(TellFrom(*cgroup,
                     [] {
                       const auto entered = EnterCgroupNamespace();
                       if (!entered) return entered.error().message();
                       return Told(LimitSomething());
                     }),
            "0::/init pids.max=7 unenforced=");
  // All of them, whoever they are.
  EXPECT_EQ(*ReadFile(cgroup->path() + "/cgroup.procs"), "");
}

TEST_F(DelegationHostTest, InANamespaceOnlyWhatIsDelegatedCanBeHad) {
  // The parent hands down pids and nothing else.
  ASSERT_TRUE(Cgroup::Create(hierarchy_, name_ + "/container", {.pids = {.max = 20}}));
  const auto cgroup = Cgroup::Open(hierarchy_, name_ + "/container");
  EXPECT_EQ(TellFrom(*cgroup,
                     [] {
                       const auto entered = EnterCgroupNamespace();
                       if (!entered) return entered.error().message();
                       return Join(DetectHierarchy()->controllers, ",") + " " +
                              Told(LimitSomething());
                     }),
            "pids 0::/init pids.max=7 unenforced=memory.max");
}

TEST_F(DelegationHostTest, WithoutLimitsNobodyIsMoved) {
  const Cgroup cgroup = Create("/container");
  EXPECT_EQ(TellFrom(cgroup,
                     [] {
                       const auto entered = EnterCgroupNamespace();
                       if (!entered) return entered.error().message();
                       const auto made = Cgroup::Create(*DetectHierarchy(), "box");
                       return made ? OwnCgroup() : made.error().message();
                     }),
            "0::/");
}

TEST_F(DelegationHostTest, WhoIsNotOursStaysAndKeepsControllersFromChildren) {
  const auto cgroup = Cgroup::Create(hierarchy_, name_ + "/busy", {.pids = {.max = 20}});
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  Start(*cgroup, "exec sleep 60");
  const auto below = Cgroup::Create(hierarchy_, name_ + "/busy/below", {.pids = {.max = 7}});
  ASSERT_TRUE(below) << below.error().message();
  EXPECT_EQ(below->Unenforced(), std::vector<std::string>{"pids.max"});
  EXPECT_EQ(RunIn(*below, [] { return 0; }), 0);
}

// Run by the tests below, as a user in a unit.
TEST(DelegatedUnit, LimitsSomething) {
  const auto hierarchy = DetectHierarchy();
  ASSERT_TRUE(hierarchy) << hierarchy.error().message();
  if (!hierarchy->own_path.ends_with(".service") || ::geteuid() == 0) {
    GTEST_SKIP() << "is not in a unit of its own";
  }
  EXPECT_TRUE(hierarchy->writable);
  EXPECT_EQ(hierarchy->root, hierarchy->own_path);
  EXPECT_EQ(Told(LimitSomething()),
            fmt::format("0::{}/init pids.max=7 unenforced=", hierarchy->root));
  // From inside it is the same place.
  EXPECT_EQ(DetectHierarchy()->root, hierarchy->root);
}

TEST(UndelegatedUnit, CanMakeNothing) {
  const auto hierarchy = DetectHierarchy();
  ASSERT_TRUE(hierarchy) << hierarchy.error().message();
  if (!hierarchy->own_path.ends_with(".service") || ::geteuid() == 0) {
    GTEST_SKIP() << "is not in a unit of its own";
  }
  EXPECT_FALSE(hierarchy->writable);
  EXPECT_FALSE(LimitSomething());
}

// A test of this program as a service of systemd's that runs as `nobody`: "" if it passes.
std::string RunAsUnit(const std::string& delegate, const std::string& test) {
  std::array<char, PATH_MAX> program = {};
  if (::readlink("/proc/self/exe", program.data(), program.size() - 1) < 0) return "readlink";
  const auto done = RunCommand(
      {.argv = {"/usr/bin/systemd-run", "--quiet", "--wait", "--pipe", "--property=User=nobody",
                "--property=Delegate=" + delegate, program.data(), "--gtest_filter=" + test}});
  if (!done) return done.error().message();
  const bool passed = done->status.code == 0 && done->out.find("SKIPPED") == std::string::npos;
  return passed ? "" : done->out;
}

TEST_F(DelegationHostTest, AUserWorksInADelegatedUnit) {
  EXPECT_EQ(RunAsUnit("yes", "DelegatedUnit.LimitsSomething"), "");
  EXPECT_EQ(RunAsUnit("memory pids", "DelegatedUnit.LimitsSomething"), "");
}

TEST_F(DelegationHostTest, AUserCanMakeNothingInAnother) {
  EXPECT_EQ(RunAsUnit("no", "UndelegatedUnit.CanMakeNothing"), "");
}

}  // namespace
}  // namespace berth::cgroups
