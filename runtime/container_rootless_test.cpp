// Containers of a user without any rights of the host's.
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr uid_t kUser = 1000;

std::string OwnUserNamespace() {
  std::array<char, 64> link = {};
  EXPECT_GT(::readlink("/proc/self/ns/user", link.data(), link.size() - 1), 0);
  return link.data();
}

// A box that belongs to the user, who is root in it and has the ids of /etc/subuid beside.
class Rootless : public testing::Test {
 protected:
  void SetUp() override {
    box_.spec.linux_.namespaces.push_back({.type = "user", .path = ""});
    box_.spec.linux_.uidMappings = {{.containerID = 0, .hostID = kUser, .size = 1}};
    box_.spec.linux_.gidMappings = box_.spec.linux_.uidMappings;
    box_.spec.process.rlimits.clear();
    const auto owned =
        RunCommand({.argv = {"/bin/chown", "-R", fmt::format("{0}:{0}", kUser), box_.bundle()}});
    ASSERT_TRUE(owned && owned->status.code == 0);
  }

  void MapMore() {
    box_.spec.linux_.uidMappings.push_back({.containerID = 1, .hostID = 300000, .size = 65536});
    box_.spec.linux_.gidMappings = box_.spec.linux_.uidMappings;
  }

  // What `work` says, done by the user, to whom /etc/subuid and /etc/subgid grant `ranges`.
  std::string AsUser(const std::function<std::string()>& work, const std::string& ranges = "") {
    auto [read_end, write_end] = std::move(*sys::Pipe());
    const pid_t pid = ::fork();
    if (pid == 0) {
      const bool ready = Grant(ranges) && ::setgroups(0, nullptr) == 0 &&
                         ::setresgid(kUser, kUser, kUser) == 0 &&
                         ::setresuid(kUser, kUser, kUser) == 0 &&
                         ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;  // as after an execve
      static_cast<void>(sys::WriteAll(write_end.get(), ready ? work() : "can't be the user"));
      ::_exit(0);
    }
    write_end.Reset();
    std::string said = *ReadAll(read_end.get());
    Reap(pid);
    return said;
  }
  std::string Run(const std::string& commands, const std::string& ranges = "") {
    return AsUser(
        [&] {
          const Outcome outcome = box_.Run(commands);
          return outcome.error + outcome.text;
        },
        ranges);
  }

  TestBox box_;

 private:
  bool Grant(const std::string& ranges) {
    const std::string file = box_.bundle() + "/ranges";
    if (!sys::Unshare(CLONE_NEWNS) || !sys::Mount("", "/", nullptr, MS_REC | MS_PRIVATE, "") ||
        !ReplaceFile(file, ranges)) {
      return false;
    }
    return sys::Mount(file, "/etc/subuid", nullptr, MS_BIND, "") &&
           sys::Mount(file, "/etc/subgid", nullptr, MS_BIND, "");
  }
};

TEST_F(Rootless, UserIsRootInside) {
  const std::string said =
      Run("id -u; cat /proc/self/uid_map /proc/self/setgroups; touch /x; echo $$;"
          "head -c 2 /dev/zero | wc -c; ls -d /sys/kernel /dev/pts/ptmx");
  EXPECT_THAT(said, AllOf(testing::StartsWith("0\n"), HasSubstr("1000          1"),
                          HasSubstr("deny\n1\n2\n"), HasSubstr("/sys/kernel\n")));
  EXPECT_THAT(said, HasSubstr("/dev/pts/ptmx\n"));  // though group 5 is none of this namespace's
  struct stat info;
  ASSERT_EQ(::stat((box_.root() + "/x").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, kUser);
}

TEST_F(Rootless, HelpersMapTheIdsThatAreGranted) {
  MapMore();
  box_.spec.process.user = {.uid = 7, .gid = 8, .additionalGids = {9}};
  ASSERT_EQ(::chmod(box_.root().c_str(), 0777), 0);
  EXPECT_EQ(Run("id; touch /x", "1000:300000:65536\n"), "uid=7 gid=8 groups=9\n");
  struct stat info;
  ASSERT_EQ(::stat((box_.root() + "/x").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 300006U);
  EXPECT_EQ(info.st_gid, 300007U);
  EXPECT_EQ(Run("true", "1000:300000:100\n"),
            "linux.uidMappings: newuidmap refuses the mapping: /etc/subuid has to grant "
            "the caller these ids");
}

TEST_F(Rootless, NetworkOfTheHostHasItsSysfs) {
  std::erase_if(box_.spec.linux_.namespaces,
                [](const Namespace& ns) { return ns.type == "network"; });
  EXPECT_THAT(Run("ls -d /sys/kernel; touch /sys/kernel/x"),
              AllOf(HasSubstr("/sys/kernel\n"), HasSubstr("Read-only file system")));
}

TEST_F(Rootless, PidsOfTheHostHaveTheirProcfs) {
  std::erase_if(box_.spec.linux_.namespaces, [](const Namespace& ns) { return ns.type == "pid"; });
  EXPECT_THAT(Run("test $$ != 1 && ls /proc/self/status"), HasSubstr("/proc/self/status"));
}

TEST_F(Rootless, FurtherProcessesCanJoin) {
  EXPECT_THAT(AsUser([&]() -> std::string {
                RunningBox running(box_);
                if (running.pid() <= 0) return "not running";
                const Outcome outcome = running.Exec("id -u; echo /proc/[0-9]*; cat /proc/1/comm");
                return outcome.error + outcome.text;
              }),
              testing::MatchesRegex("0\n/proc/1 /proc/[0-9]+\nsleep\n"));
}

TEST_F(Rootless, UserNamespaceOfAnotherContainerCanBeJoined) {
  TestBox second;
  second.spec.linux_.namespaces.push_back({.type = "user", .path = ""});
  for (const char* name : {"/proc", "/dev", "/sys"}) {
    ASSERT_TRUE(sys::MakeDirectories(second.root() + name, 0755));
  }
  const std::string said = AsUser([&]() -> std::string {
    RunningBox running(box_);
    if (running.pid() <= 0) return "not running";
    for (Namespace& ns : second.spec.linux_.namespaces) {
      if (ns.type == "user") ns.path = fmt::format("/proc/{}/ns/user", running.pid());
      if (ns.type == "network") ns.path = fmt::format("/proc/{}/ns/net", running.pid());
    }
    const Outcome outcome = second.Run("id -u; cat /proc/self/uid_map; ls -d /sys/kernel");
    return outcome.error + outcome.text;
  });
  EXPECT_THAT(said, AllOf(testing::StartsWith("0\n"), HasSubstr("1000          1"),
                          HasSubstr("/sys/kernel")));
}

TEST_F(Rootless, ScoreThatCanNotBeLoweredIsNoFailure) {
  box_.spec.process.oomScoreAdj = 100;
  EXPECT_EQ(Run("cat /proc/self/oom_score_adj"), "100\n");
  box_.spec.process.oomScoreAdj = -100;
  EXPECT_EQ(Run("echo yes"), "yes\n");
}

TEST_F(Rootless, HooksOfTheRuntimeRunWhereTheRuntimeIs) {
  const std::string out = box_.bundle() + "/hook";
  const auto hook = [&](const std::string& commands) {
    return Hook{.path = "/bin/sh", .args = {"sh", "-c", commands}};
  };
  box_.spec.hooks.prestart = {hook("/usr/bin/readlink /proc/self/ns/user >> " + out)};
  box_.spec.hooks.createRuntime = {hook("/bin/cat >> " + out)};
  EXPECT_EQ(Run("echo yes"), "yes\n");
  EXPECT_THAT(*ReadFile(out), AllOf(testing::StartsWith(OwnUserNamespace() + "\n"),
                                    HasSubstr(R"("status":"creating")"), HasSubstr(R"("pid":)")));
  box_.spec.hooks.createRuntime = {hook("exit 3")};
  EXPECT_THAT(Run("echo yes"), testing::StartsWith("runtime-hooks: hooks.createRuntime[0]"));
}

TEST_F(Rootless, FailureInsideIsTold) {
  box_.spec.process.args = {"/bin/nope"};
  EXPECT_EQ(AsUser([&] { return box_.Run().error; }), "exec /bin/nope: no such file or directory");
  box_.spec.mounts.push_back({"/data", "bind", "/does/not/exist", {"bind"}});
  EXPECT_EQ(AsUser([&] { return box_.Run().error; }),
            "mounts: /data: open_tree /does/not/exist: No such file or directory");
}

}  // namespace
}  // namespace berth::runtime
