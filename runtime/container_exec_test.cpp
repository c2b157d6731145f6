// Further processes in containers that run.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd_passing.h"
#include "base/files.h"
#include "base/sys.h"
#include "runtime/seccomp/default_seccomp.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Exec, JoinsTheContainer) {
  TestBox box;
  box.spec.hostname = "inside";
  RunningBox running(box);
  const Outcome outcome = running.Exec("hostname; ls /; ps; exit 3");
  EXPECT_EQ(outcome.status.code, 3) << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("inside"));
  EXPECT_THAT(outcome.text, HasSubstr("sleep 1000"));
  for (const char* name : {"net", "mnt", "ipc", "uts", "cgroup", "pid"}) {
    char theirs[64] = {};
    const std::string link = fmt::format("/proc/{}/ns/{}", running.pid(), name);
    ASSERT_GT(::readlink(link.c_str(), theirs, sizeof theirs - 1), 0);
    EXPECT_EQ(running.Exec(fmt::format("readlink /proc/self/ns/{}", name)).text,
              std::string(theirs) + "\n");
  }
}

TEST(Exec, SaysWhyAProgramCantBeExecuted) {
  TestBox box;
  RunningBox running(box);
  Process process = box.spec.process;
  process.args = {"/bin/nope"};
  const Outcome outcome = running.Exec(process);
  EXPECT_EQ(outcome.error, "exec /bin/nope: no such file or directory");
  EXPECT_EQ(outcome.error_code, ENOENT);
}

TEST(Exec, HasTheRightsOfItsOwnProcess) {
  TestBox box;
  box.spec.linux_.seccomp = DefaultSeccomp(box.spec.process.capabilities.bounding);
  RunningBox running(box);
  Process process = box.spec.process;
  process.user = {.uid = 1000, .gid = 1000, .additionalGids = {2000}};
  process.capabilities = {};
  process.cwd = "/etc";
  process.args = {"/bin/sh", "-c", "id; pwd; cat /proc/self/status; ls /proc/$$/fd; true"};
  const Outcome outcome = running.Exec(process);
  EXPECT_THAT(outcome.text, StartsWith("uid=1000(app) gid=1000(app) groups=2000(web)"));
  EXPECT_THAT(outcome.text, HasSubstr("/etc\n"));
  EXPECT_THAT(outcome.text, HasSubstr("CapBnd:\t0000000000000000"));
  EXPECT_THAT(outcome.text, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(outcome.text, testing::EndsWith("\n0\n1\n2\n"));
}

TEST(Exec, JoinsAUserNamespace) {
  TestBox box;
  box.spec.linux_.namespaces.push_back({.type = "user"});
  box.spec.linux_.uidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  box.spec.linux_.gidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  for (const char* name : {"/proc", "/dev", "/sys"}) {
    ASSERT_EQ(::mkdir((box.root() + name).c_str(), 0755), 0);
  }
  RunningBox running(box);
  const Outcome outcome = running.Exec("id -u; cat /proc/self/uid_map");
  EXPECT_THAT(outcome.text, StartsWith("0\n")) << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("100000"));
}

TEST(Exec, HasATerminalIfAsked) {
  TestBox box;
  RunningBox running(box);
  Process process = box.spec.process;
  process.terminal = true;
  process.args = {"/bin/sh", "-c", "tty"};
  auto [ours, theirs] = std::move(*sys::SocketPair(SOCK_STREAM));
  const auto child = Exec({.init = running.pid(),
                           .process = &process,
                           .spec = &box.spec,
                           .console_socket = theirs.get()});
  ASSERT_TRUE(child) << child.error().message();
  const auto message = ReceiveMessage(ours.get(), 64);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->fds.size(), 1U);
  char buffer[64] = {};
  ASSERT_GT(::read(message->fds[0].get(), buffer, sizeof buffer - 1), 0);
  EXPECT_THAT(buffer, StartsWith("/dev/pts/"));
  EXPECT_EQ(Reap(*child).code, 0);
}

TEST(Exec, IsNotFooledByAFalseNullDevice) {
  TestBox box;
  RunningBox running(box);
  ASSERT_EQ(running.Exec("rm /dev/null; mknod /dev/null p").status.code, 0);
  EXPECT_THAT(running.Exec("true").error, HasSubstr("/dev/null is not the null device"));
}

TEST(Exec, DoesNotMakeItsWorkingDirectory) {
  TestBox box;
  RunningBox running(box);
  Process process = box.spec.process;
  process.cwd = "/made";
  EXPECT_EQ(running.Exec(process).error,
            "working-directory: openat2 made: No such file or directory");
}

TEST(Exec, CanBeMadeForTheCallersParent) {
  TestBox box;
  RunningBox running(box);
  Process process = box.spec.process;
  process.args = {"/bin/sh", "-c", "exit 6"};
  auto [read_end, write_end] = std::move(*sys::Pipe());
  const pid_t launcher = ::fork();
  if (launcher == 0) {
    const auto child = Exec({.init = running.pid(),
                             .process = &process,
                             .spec = &box.spec,
                             .parent = Parent::kCallersParent,
                             .on_parent_death = OnParentDeath::kDie});
    if (!child) ::_exit(1);
    ::_exit(::write(write_end.get(), &*child, sizeof *child) < 0 ? 2 : 0);
  }
  pid_t child = -1;
  ASSERT_EQ(::read(read_end.get(), &child, sizeof child), ssize_t{sizeof child});
  EXPECT_EQ(Reap(launcher).code, 0);
  EXPECT_EQ(Reap(child).code, 6);
}

#ifdef BERTH_FAULT_POINTS
TEST(Exec, LeavesNothingWhenAnyStepFails) {
  TestBox box;
  RunningBox running(box);
  const auto fds = *ListDirectory("/proc/self/fd");
  for (const char* step : {"parent.container", "parent.clone", "parent.ready", "child.detach",
                           "child.join", "child.root", "child.streams", "child.parent-death"}) {
    ASSERT_EQ(::setenv("BERTH_FAIL_AT", fmt::format("runtime.exec-{}", step).c_str(), 1), 0);
    const Outcome outcome = running.Exec("true");
    ::unsetenv("BERTH_FAIL_AT");
    EXPECT_THAT(outcome.error, HasSubstr("as BERTH_FAIL_AT asks")) << step;
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << step;  // the container runs, nothing else
  }
  EXPECT_EQ(*ListDirectory("/proc/self/fd"), fds);
}
#endif

TEST(Exec, RefusesAProcessThatIsGone) {
  TestBox box;
  Process process = box.spec.process;
  const auto child = Exec({.init = 0x3ffffff0, .process = &process, .spec = &box.spec});
  ASSERT_FALSE(child);
  EXPECT_TRUE(child.error().Is(ESRCH)) << child.error().message();
}

}  // namespace
}  // namespace berth::runtime
