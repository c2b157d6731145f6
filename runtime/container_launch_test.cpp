// Containers that really run: whose children they are, where they are born, what a failure leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/sys.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

TEST(ContainerLaunch, EndsWhenNobodyStartsIt) {
  TestBox box;
  auto created = Create(box.Request());
  ASSERT_TRUE(created) << created.error().message();
  created->start.Reset();
  EXPECT_EQ(Reap(created->pid).code, 1);
}

TEST(ContainerLaunch, TellsOfTheBirthBeforeAllIsSetUp) {
  TestBox box;
  CreateRequest request = box.Request();
  pid_t born = -1;
  request.on_birth = [&](pid_t pid) -> Result<void> {
    born = pid;
    return {};
  };
  auto created = Create(request);
  ASSERT_TRUE(created) << created.error().message();
  EXPECT_EQ(born, created->pid);
  created->start.Reset();
  Reap(created->pid);
}

TEST(ContainerLaunch, EndsIfItsBirthIsNotWelcome) {
  TestBox box;
  CreateRequest request = box.Request();
  pid_t born = -1;
  request.on_birth = [&](pid_t pid) -> Result<void> {
    born = pid;
    return MakeError("no room");
  };
  EXPECT_THAT(Create(request).error().message(), HasSubstr("birth: no room"));
  EXPECT_EQ(::kill(born, 0), -1);
}

TEST(ContainerLaunch, DiesWithItsParentIfAsked) {
  TestBox box;
  box.spec.process.args = {"/bin/sleep", "1000"};
  box.spec.process.user.uid = 1000;
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
  auto [read_end, write_end] = std::move(*sys::Pipe());
  const pid_t parent = ::fork();
  if (parent == 0) {
    CreateRequest request = box.Request();
    request.on_parent_death = OnParentDeath::kDie;
    auto created = Create(request);
    if (!created || !Start(*created)) ::_exit(1);
    if (::write(write_end.get(), &created->pid, sizeof created->pid) < 0) ::_exit(2);
    ::_exit(0);
  }
  pid_t container = -1;
  ASSERT_EQ(::read(read_end.get(), &container, sizeof container), ssize_t{sizeof container});
  EXPECT_EQ(Reap(parent).code, 0);
  EXPECT_EQ(Reap(container).signal, SIGKILL);  // we are its parent now
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
}

TEST(ContainerLaunch, CanBeMadeForTheCallersParent) {
  TestBox box;
  box.Script("exit 5");
  auto [read_end, write_end] = std::move(*sys::Pipe());
  const pid_t launcher = ::fork();
  if (launcher == 0) {
    CreateRequest request = box.Request();
    request.parent = Parent::kCallersParent;
    request.on_parent_death = OnParentDeath::kDie;
    auto created = Create(request);
    if (!created || !Start(*created)) ::_exit(1);
    if (::write(write_end.get(), &created->pid, sizeof created->pid) < 0) ::_exit(2);
    ::_exit(0);
  }
  pid_t container = -1;
  ASSERT_EQ(::read(read_end.get(), &container, sizeof container), ssize_t{sizeof container});
  EXPECT_EQ(Reap(launcher).code, 0);
  EXPECT_EQ(Reap(container).code, 5);
}

TEST(ContainerLaunch, WithoutAProcessItCanBeCreatedAndNotStarted) {
  TestBox box;
  box.spec.process = Process();
  auto created = Create(box.Request());
  ASSERT_TRUE(created) << created.error().message();
  const auto started = Start(*created);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(), "process.args is missing in the configuration");
  EXPECT_EQ(Reap(created->pid).code, 1);
}

TEST(ContainerLaunch, MapsIdsInItsUserNamespace) {
  TestBox box;
  box.spec.linux_.namespaces.push_back({.type = "user"});
  EXPECT_THAT(box.Run("true").error, HasSubstr("linux.uidMappings: must map id 0"));
  box.spec.linux_.uidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  box.spec.linux_.gidMappings = {{.containerID = 0, .hostID = 200000, .size = 65536}};
  box.spec.process.user = {.uid = 1000, .gid = 1000};
  ASSERT_EQ(::mkdir((box.root() + "/data").c_str(), 0700), 0);
  ASSERT_EQ(::chown((box.root() + "/data").c_str(), 101000, 201000), 0);
  for (const char* name : {"/proc", "/dev", "/sys"}) {
    ASSERT_EQ(::mkdir((box.root() + name).c_str(), 0755), 0);
  }
  const Outcome outcome =
      box.Run("touch /data/x && echo hi > /dev/null; cat /proc/self/uid_map; ls -dn /dev/mqueue");
  EXPECT_THAT(outcome.text, HasSubstr("100000      65536")) << outcome.error;
  EXPECT_THAT(outcome.text, testing::ContainsRegex("drwxrwxrwt +2 0 +0 "));
  struct stat info;
  ASSERT_EQ(::stat((box.root() + "/data/x").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 101000U);
  EXPECT_EQ(info.st_gid, 201000U);
}

TEST(ContainerLaunch, MapsIdsBesideAJoinedNetwork) {
  TestBox first;
  TestBox box;
  const RunningBox running(first);
  for (Namespace& ns : box.spec.linux_.namespaces) {
    if (ns.type == "network") ns.path = fmt::format("/proc/{}/ns/net", running.pid());
  }
  box.spec.linux_.namespaces.push_back({.type = "user"});
  box.spec.linux_.uidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  box.spec.linux_.gidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  for (const char* name : {"/proc", "/dev", "/sys"}) {
    ASSERT_EQ(::mkdir((box.root() + name).c_str(), 0755), 0);
  }
  const Outcome outcome = box.Run("test -d /sys/kernel && touch /sys/kernel/x");
  EXPECT_THAT(outcome.text, HasSubstr("Read-only file system")) << outcome.error;
}

TEST(ContainerLaunch, IsBornInItsCgroup) {
  const std::string parent =
      Exists("/sys/fs/cgroup/cgroup.procs") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
  const std::string path = fmt::format("{}/berth-test-{}", parent, ::getpid());
  ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
  const Cleanup remove([&] { EXPECT_EQ(::rmdir(path.c_str()), 0); });
  TestBox box;
  box.spec.process.args = {"/bin/sleep", "1000"};
  const UniqueFd cgroup = *sys::Open(path, O_PATH | O_DIRECTORY);
  CreateRequest request = box.Request();
  request.cgroup_fd = cgroup.get();
  auto created = Create(request);
  ASSERT_TRUE(created) << created.error().message();
  EXPECT_TRUE(Start(*created));
  EXPECT_EQ(*ReadFile(path + "/cgroup.procs"), fmt::format("{}\n", created->pid));
  // What it sees below its /sys/fs/cgroup is this cgroup: the root of its namespace.
  const std::string seen = fmt::format("/proc/{}/root/sys/fs/cgroup/cgroup.procs", created->pid);
  EXPECT_THAT(*ReadFile(seen), HasSubstr(fmt::format("{}\n", created->pid)));
  ::kill(created->pid, SIGKILL);
  Reap(created->pid);
}

#ifdef BERTH_FAULT_POINTS
TEST(ContainerLaunch, LeavesNothingWhenAnyStepFails) {
  const std::vector<std::string> steps = {"parent.check",
                                          "parent.capabilities",
                                          "parent.root",
                                          "parent.mounts",
                                          "parent.seccomp",
                                          "parent.join",
                                          "parent.pipes",
                                          "parent.handshake",
                                          "parent.clone",
                                          "parent.id-mappings",
                                          "parent.oom-score",
                                          "parent.ready",
                                          "child.detach",
                                          "child.user-namespace",
                                          "child.cgroup-namespace",
                                          "child.root",
                                          "child.mounts",
                                          "child.devices",
                                          "child.make-working-directory",
                                          "child.terminal",
                                          "child.masked-paths",
                                          "child.read-only-paths",
                                          "child.sysctls",
                                          "child.hostname",
                                          "child.seal-root",
                                          "child.switch-root",
                                          "child.streams",
                                          "child.working-directory",
                                          "child.environment",
                                          "child.rlimits",
                                          "child.bounding-set",
                                          "child.user",
                                          "child.scheduling",
                                          "child.capabilities",
                                          "child.parent-death"};
  TestBox box;
  const std::string mounts = *ReadFile("/proc/self/mountinfo");
  const auto fds = *ListDirectory("/proc/self/fd");
  for (const char* variable : {"BERTH_FAIL_AT", "BERTH_KILL_AT"}) {
    for (const std::string& step : steps) {
      if (std::string(variable) == "BERTH_KILL_AT" && step.starts_with("parent")) continue;
      ASSERT_EQ(::setenv(variable, ("runtime." + step).c_str(), 1), 0);
      const auto created = Create(box.Request());
      ::unsetenv(variable);
      EXPECT_FALSE(created) << step;
      EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << step;
      EXPECT_EQ(errno, ECHILD) << step;
    }
  }
  EXPECT_EQ(*ReadFile("/proc/self/mountinfo"), mounts);
  EXPECT_EQ(*ListDirectory("/proc/self/fd"), fds);
}
#endif

}  // namespace
}  // namespace berth::runtime
