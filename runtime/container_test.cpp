// Containers that really run, from this process as root: what a program finds inside.
#include "runtime/container.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd_passing.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/seccomp/default_seccomp.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Container, GivesTheProgramsExitCode) {
  TestBox box;
  EXPECT_EQ(box.Run("exit 7").status.code, 7);
}

TEST(Container, TellsTheSignalThatEndedTheProgram) {
  TestBox box;
  box.spec.process.args = {"/bin/sleep", "1000"};
  auto created = Create(box.Request());
  ASSERT_TRUE(created) << created.error().message();
  ASSERT_TRUE(Start(*created));
  ::kill(created->pid, SIGKILL);
  EXPECT_EQ(Reap(created->pid).signal, SIGKILL);
}

TEST(Container, IsInNamespacesOfItsOwn) {
  TestBox box;
  for (const char* name : {"pid", "net", "mnt", "ipc", "uts", "cgroup"}) {
    const std::string link = fmt::format("/proc/self/ns/{}", name);
    char ours[64] = {};
    ASSERT_GT(::readlink(link.c_str(), ours, sizeof ours - 1), 0);
    const Outcome outcome = box.Run("readlink " + link);
    EXPECT_THAT(outcome.text, StartsWith(name)) << outcome.error;
    EXPECT_NE(std::string(Trim(outcome.text)), ours);
  }
}

TEST(Container, RefusesAResctrlGroupWhereThereIsNoResctrl) {
  if (ReadFile("/proc/self/mountinfo")->find(" - resctrl ") != std::string::npos) GTEST_SKIP();
  TestBox box;
  box.spec.linux_.intelRdt = IntelRdt{};
  EXPECT_THAT(box.Run("true").error,
              StartsWith("rdt: linux.intelRdt: no resctrl file system is mounted"));
}

TEST(Container, SharesNamespacesThatItDoesNotList) {
  TestBox box;
  std::erase_if(box.spec.linux_.namespaces, [](const Namespace& ns) { return ns.type == "ipc"; });
  char ours[64] = {};
  ASSERT_GT(::readlink("/proc/self/ns/ipc", ours, sizeof ours - 1), 0);
  EXPECT_EQ(box.Run("readlink /proc/self/ns/ipc").text, std::string(ours) + "\n");
}

TEST(Container, JoinsNamespacesByPath) {
  TestBox first;
  TestBox second;
  const RunningBox running(first);
  const std::string proc = fmt::format("/proc/{}/ns/", running.pid());
  char theirs[64] = {};
  ASSERT_GT(::readlink((proc + "net").c_str(), theirs, sizeof theirs - 1), 0);
  for (Namespace& ns : second.spec.linux_.namespaces) {
    if (ns.type == "network") ns.path = proc + "net";
    if (ns.type == "pid") ns.path = proc + "pid";
  }
  const Outcome outcome = second.Run("readlink /proc/self/ns/net; ps");
  EXPECT_THAT(outcome.text, HasSubstr(theirs)) << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("sleep 1000"));
  char back[64] = {};
  ASSERT_GT(::readlink("/proc/self/ns/net", back, sizeof back - 1), 0);
  EXPECT_STRNE(back, theirs);  // the launcher is home again
}

TEST(Container, RefusesANamespaceFileOfAnotherType) {
  TestBox box;
  for (Namespace& ns : box.spec.linux_.namespaces) {
    if (ns.type == "network") ns.path = "/proc/self/ns/uts";
  }
  EXPECT_THAT(box.Run().error, HasSubstr("/proc/self/ns/uts is not a network namespace"));
}

TEST(Container, ProgramIsProcessOne) {
  TestBox box;
  EXPECT_EQ(box.Run("echo $$").text, "1\n");
}

TEST(Container, HasItsHostname) {
  TestBox box;
  box.spec.hostname = "web-1";
  box.spec.domainname = "example";
  const Outcome outcome = box.Run("hostname; cat /proc/sys/kernel/domainname");
  EXPECT_EQ(outcome.text, "web-1\nexample\n") << outcome.error;
}

TEST(Container, RefusesAHostnameWithoutUtsNamespace) {
  TestBox box;
  std::erase_if(box.spec.linux_.namespaces, [](const Namespace& ns) { return ns.type == "uts"; });
  box.spec.hostname = "web-1";
  EXPECT_THAT(box.Run().error, HasSubstr("no uts namespace"));
}

TEST(Container, MaskedPathsAreEmpty) {
  TestBox box;
  box.spec.linux_.maskedPaths.push_back("/etc/group");
  box.spec.linux_.maskedPaths.push_back("/nowhere/at/all");
  const Outcome outcome =
      box.Run("ls -A /sys/firmware; cat /proc/keys /etc/group; touch /sys/firmware/x 2>&1");
  EXPECT_THAT(outcome.text, HasSubstr("Read-only file system")) << outcome.error;
  EXPECT_THAT(outcome.text, Not(HasSubstr("root")));
  const Outcome mode = box.Run("chmod 777 /proc/keys");
  EXPECT_THAT(mode.text, HasSubstr("Read-only file system"));
}

TEST(Container, ReadOnlyPathsCantBeWritten) {
  TestBox box;
  EXPECT_THAT(box.Run("echo 1 > /proc/sys/vm/drop_caches").text,
              HasSubstr("Read-only file system"));
}

TEST(Container, HasTheCapabilitiesOfTheSpecAndNoOthers) {
  TestBox box;
  EXPECT_EQ(box.Run("grep Cap /proc/self/status").text,
            "CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\n"
            "CapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000\n");
  box.spec.process.user.uid = 1000;
  EXPECT_THAT(box.Run("grep CapEff /proc/self/status").text, HasSubstr("0000000000000000"));
  box.spec.process.capabilities.ambient = {"CAP_CHOWN"};
  box.spec.process.capabilities.inheritable = {"CAP_CHOWN"};
  EXPECT_THAT(box.Run("grep -E 'Amb|Eff' /proc/self/status").text,
              HasSubstr("CapEff:\t0000000000000001\nCapAmb:\t0000000000000001"));
}

TEST(Container, SeccompRefusesWhatTheProfileDoesNotAllow) {
  for (const bool no_new_privileges : {false, true}) {
    TestBox box;
    box.spec.process.noNewPrivileges = no_new_privileges;
    box.spec.process.user.uid = 1000;
    box.spec.process.user.gid = 1000;
    EXPECT_EQ(box.Run("unshare -U true").status.code, 0);
    box.spec.linux_.seccomp = DefaultSeccomp(box.spec.process.capabilities.bounding);
    const Outcome outcome = box.Run("unshare -U true; grep -E 'NoNew|Seccomp:' /proc/self/status");
    EXPECT_THAT(outcome.text, HasSubstr("Operation not permitted")) << outcome.error;
    EXPECT_THAT(outcome.text, HasSubstr("Seccomp:\t2"));
    EXPECT_THAT(outcome.text, HasSubstr(no_new_privileges ? "Privs:\t1" : "Privs:\t0"));
  }
}

TEST(Container, RunsAsTheUserWithItsGroups) {
  TestBox box;
  box.spec.process.user = {.uid = 1000, .gid = 1000, .umask = 077, .additionalGids = {2000, 3000}};
  const Outcome outcome = box.Run("id -u; id -g; id -G; umask; echo $HOME");
  EXPECT_EQ(outcome.text, "1000\n1000\n1000 2000 3000\n0077\n/home/app\n") << outcome.error;
}

TEST(Container, UserCanOpenItsStandardOutput) {
  TestBox box;
  box.spec.process.user = {.uid = 1000, .gid = 1000};
  EXPECT_EQ(box.Run("echo hi > /dev/stdout").text, "hi\n");
}

TEST(Container, SetsLimits) {
  TestBox box;
  box.spec.process.rlimits = {{.type = "RLIMIT_NOFILE", .soft = 64, .hard = 128}};
  EXPECT_EQ(box.Run("ulimit -n; ulimit -H -n").text, "64\n128\n");
}

TEST(Container, NamesTheLimitThatCantBeRaised) {
  TestBox box;
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  if (limit.rlim_max == RLIM_INFINITY) limit.rlim_max = 1 << 20;
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &limit), 0);
  box.spec.process.rlimits = {
      {.type = "RLIMIT_MEMLOCK", .soft = limit.rlim_max, .hard = limit.rlim_max * 2}};
  const Outcome outcome = box.Run("true");
  if (outcome.error.empty()) return;  // with CAP_SYS_RESOURCE it may
  EXPECT_THAT(outcome.error, HasSubstr("rlimits: RLIMIT_MEMLOCK: raising the hard limit"));
  EXPECT_THAT(outcome.error, HasSubstr("CAP_SYS_RESOURCE"));
  EXPECT_EQ(outcome.error_code, EPERM);
}

TEST(Container, SetsOomScoreAdj) {
  TestBox box;
  box.spec.process.oomScoreAdj = 500;
  EXPECT_EQ(box.Run("cat /proc/self/oom_score_adj").text, "500\n");
}

TEST(Container, SetsParametersOfItsNamespaces) {
  TestBox box;
  box.spec.linux_.sysctl = {{"net.ipv4.ip_forward", "1"}, {"kernel.shmmax", "4096"}};
  const Outcome outcome = box.Run("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax");
  EXPECT_EQ(outcome.text, "1\n4096\n") << outcome.error;
  box.spec.linux_.sysctl = {{"vm.swappiness", "1"}};
  EXPECT_THAT(box.Run("true").error, HasSubstr("linux.sysctl.vm.swappiness: is not a parameter"));
  box.spec.linux_.sysctl = {{"net/../vm/swappiness", "1"}};
  EXPECT_THAT(box.Run("true").error, HasSubstr("is not a name"));
}

TEST(Container, StartsInItsWorkingDirectory) {
  TestBox box;
  box.spec.process.cwd = "/made/for/it";
  EXPECT_EQ(box.Run("pwd").text, "/made/for/it\n");
  EXPECT_TRUE(Exists(box.root() + "/made/for/it"));
}

TEST(Container, WorkingDirectoryCantLeaveTheRoot) {
  TestBox box;
  for (int fd = 0; fd < 12; ++fd) {
    box.spec.process.cwd = fmt::format("/proc/self/fd/{}", fd);
    EXPECT_NE(box.Run("pwd").error, "") << box.spec.process.cwd;
  }
  ASSERT_EQ(::symlink("/proc/self/fd/3", (box.root() + "/trap").c_str()), 0);
  box.spec.process.cwd = "/trap";
  EXPECT_NE(box.Run("pwd").error, "");
  box.spec.process.cwd = "/../../..";
  EXPECT_EQ(box.Run("pwd").text, "/\n");
}

TEST(Container, SearchesThePathOfItsEnvironment) {
  TestBox box;
  box.spec.process.args = {"pwd"};
  EXPECT_EQ(box.Run().text, "/\n");
  box.spec.process.env = {"PATH=/etc:/nowhere"};
  EXPECT_EQ(box.Run().error, "exec pwd: no such file or directory");
}

TEST(Container, SaysWhyAProgramCantBeExecuted) {
  TestBox box;
  box.spec.process.args = {"/bin/nope"};
  const Outcome missing = box.Run();
  EXPECT_EQ(missing.error, "exec /bin/nope: no such file or directory");
  EXPECT_EQ(missing.error_code, ENOENT);
  box.spec.process.args = {"/etc/passwd"};
  const Outcome not_executable = box.Run();
  EXPECT_EQ(not_executable.error, "exec /etc/passwd: permission denied");
  EXPECT_EQ(not_executable.error_code, EACCES);
}

TEST(Container, InheritsNothingButItsStreams) {
  TestBox box;
  const UniqueFd leak(::open("/etc", O_RDONLY | O_DIRECTORY));  // without O_CLOEXEC
  ASSERT_TRUE(leak);
  ::signal(SIGUSR1, SIG_IGN);
  EXPECT_EQ(box.Run("ls /proc/1/fd; true").text, "0\n1\n2\n");
  box.spec.process.args = {"/bin/grep", "SigIgn", "/proc/self/status"};
  EXPECT_EQ(box.Run().text, "SigIgn:\t0000000000000000\n");
  ::signal(SIGUSR1, SIG_DFL);
}

TEST(Container, HasATerminalIfAsked) {
  TestBox box;
  box.spec.process.terminal = true;
  box.spec.process.consoleSize = ConsoleSize{.height = 33, .width = 77};
  box.spec.process.user = {.uid = 1000, .gid = 1000};
  box.Script("tty; stty size; ls -ln /dev/console; echo done > /dev/tty");
  auto [ours, theirs] = std::move(*sys::SocketPair(SOCK_STREAM));
  CreateRequest request = box.Request();
  request.console_socket = theirs.get();
  auto created = Create(request);
  ASSERT_TRUE(created) << created.error().message();
  const auto message = ReceiveMessage(ours.get(), 64);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->fds.size(), 1U);
  ASSERT_TRUE(Start(*created));
  std::string text;
  char buffer[512];
  for (ssize_t size; (size = ::read(message->fds[0].get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(size));
  }
  EXPECT_EQ(Reap(created->pid).code, 0);
  EXPECT_THAT(text, HasSubstr("/dev/pts/0"));
  EXPECT_THAT(text, HasSubstr("33 77"));
  EXPECT_THAT(text, testing::ContainsRegex("crw--w----.* 1000 .*136, *0.*/dev/console"));
  EXPECT_THAT(text, HasSubstr("done"));
}

// The host's network devices can't be shown by a sysfs of the container's own here.

}  // namespace
}  // namespace berth::runtime
