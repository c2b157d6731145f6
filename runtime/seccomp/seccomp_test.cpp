#include "runtime/seccomp/seccomp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/seccomp/default_seccomp.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

// The errno of one system call under a filter, 0 if it succeeds; tried in a process of its own.
int Try(const SeccompFilter& filter, const std::function<long()>& call) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!InstallSeccomp(filter)) ::_exit(255);
    ::_exit(call() < 0 ? errno : 0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

SeccompFilter Compile(const Seccomp& profile) {
  auto filter = CompileSeccomp(profile);
  EXPECT_TRUE(filter) << filter.error().message();
  return filter.value_or(SeccompFilter());
}

std::string Problem(const Seccomp& profile) {
  const auto filter = CompileSeccomp(profile);
  return filter ? "" : filter.error().message();
}

TEST(Seccomp, DefaultProfileAllowsTheUsualAndRefusesTheRest) {
  const SeccompFilter filter = Compile(DefaultSeccomp({}));
  EXPECT_EQ(Try(filter, [] { return ::syscall(SYS_getppid); }), 0);
  EXPECT_EQ(Try(filter, [] { return ::unshare(CLONE_NEWUSER); }), EPERM);
  EXPECT_EQ(Try(filter, [] { return ::syscall(SYS_keyctl, 0, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(Try(filter, [] { return ::syscall(SYS_clone, CLONE_NEWNS, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(Try(filter, [] { return ::syscall(SYS_clone3, 0, 0); }), ENOSYS);
  EXPECT_EQ(Try(filter, [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0); }), EPERM);
  EXPECT_EQ(Try(filter, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }), 0);
  EXPECT_EQ(Try(filter, [] { return ::personality(0xffffffff); }), 0);
  EXPECT_EQ(Try(filter, [] { return ::personality(ADDR_NO_RANDOMIZE); }), EPERM);
}

// Large parts of the kernel that containers' escapes have begun with.
TEST(Seccomp, DefaultProfileRefusesWhatEscapesBeginWith) {
  const SeccompFilter filter = Compile(DefaultSeccomp({}));
  for (const long number :
       {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_bpf, SYS_userfaultfd,
        SYS_perf_event_open, SYS_add_key, SYS_request_key, SYS_open_by_handle_at, SYS_mount,
        SYS_move_mount, SYS_setns, SYS_init_module, SYS_pidfd_getfd}) {
    EXPECT_EQ(Try(filter, [&] { return ::syscall(number, 0, 0, 0, 0, 0); }), EPERM) << number;
  }
}

TEST(Seccomp, CallsNewerThanTheProfileDoNotExist) {
  const SeccompFilter filter = Compile(DefaultSeccomp({}));
  EXPECT_EQ(Try(filter, [] { return ::syscall(1000); }), ENOSYS);
  const SeccompFilter allowing = Compile({.defaultAction = "SCMP_ACT_ALLOW"});
  EXPECT_EQ(Try(allowing, [] { return ::syscall(SYS_getppid); }), 0);
}

TEST(Seccomp, CapabilitiesBringTheirCalls) {
  const SeccompFilter filter = Compile(DefaultSeccomp({"CAP_SYS_ADMIN"}));
  EXPECT_EQ(Try(filter, [] { return ::unshare(0); }), 0);
  EXPECT_EQ(Try(filter, [] { return ::syscall(SYS_clone3, 0, 0); }), EINVAL);
}

TEST(Seccomp, GivesTheErrnoOfTheRule) {
  const SeccompFilter filter = Compile(
      {.defaultAction = "SCMP_ACT_ALLOW",
       .syscalls = {
           {.names = {"getppid", "no_such_call"}, .action = "SCMP_ACT_ERRNO", .errnoRet = 95},
           {.names = {"socket"},
            .action = "SCMP_ACT_ERRNO",
            .args = {{.index = 0, .value = AF_INET, .op = "SCMP_CMP_EQ"},
                     {.index = 0, .value = AF_INET6, .op = "SCMP_CMP_EQ"}}}}});
  EXPECT_EQ(Try(filter, [] { return ::syscall(SYS_getppid); }), 95);
  EXPECT_EQ(Try(filter, [] { return ::socket(AF_INET, SOCK_STREAM, 0); }), EPERM);
  EXPECT_EQ(Try(filter, [] { return ::socket(AF_INET6, SOCK_STREAM, 0); }), EPERM);
  EXPECT_EQ(Try(filter, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }), 0);
}

TEST(Seccomp, RefusesBadProfiles) {
  EXPECT_THAT(Problem({.defaultAction = "ALLOW"}), HasSubstr("unknown action \"ALLOW\""));
  EXPECT_THAT(Problem({.defaultAction = "SCMP_ACT_ALLOW", .defaultErrnoRet = 1}),
              HasSubstr("takes no errno"));
  EXPECT_THAT(Problem({.defaultAction = "SCMP_ACT_ALLOW", .architectures = {"SCMP_ARCH_PDP11"}}),
              HasSubstr("unknown architecture"));
  EXPECT_THAT(Problem({.defaultAction = "SCMP_ACT_ALLOW", .flags = {"SECCOMP_NOPE"}}),
              HasSubstr("unknown flag"));
}

class SeccompCacheTest : public testing::Test {
 protected:
  SeccompCacheTest() {
    std::string pattern = "/tmp/berth-seccomp-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~SeccompCacheTest() override { EXPECT_TRUE(sys::RemoveTree(path_)); }
  std::string File() const {
    const auto names = *ListDirectory(path_ + "/cache");
    EXPECT_EQ(names.size(), 1U);
    return path_ + "/cache/" + names[0];
  }
  SeccompFilter Get() const {
    auto filter = CompileSeccompCached(profile_, path_ + "/cache");
    EXPECT_TRUE(filter);
    return *filter;
  }
  std::string path_;
  Seccomp profile_ = DefaultSeccomp({"CAP_SYS_CHROOT"});
};

TEST_F(SeccompCacheTest, GivesTheSameFilterAgain) {
  const SeccompFilter first = Get();
  const std::string file = File();
  struct stat info;
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(Get().program, first.program);
  struct stat again;
  ASSERT_EQ(::stat(file.c_str(), &again), 0);
  EXPECT_EQ(info.st_ino, again.st_ino);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(SeccompCacheTest, MakesBrokenFilesAnew) {
  const SeccompFilter first = Get();
  const std::string file = File();
  const std::string whole = *ReadFile(file);
  std::string holes = whole;
  holes.replace(holes.size() - 100, 100, 100, '\0');
  for (const std::string& broken : {std::string(), whole.substr(0, 1000), holes, whole + "x"}) {
    ASSERT_TRUE(ReplaceFile(file, broken));
    EXPECT_EQ(Get().program, first.program);
    EXPECT_EQ(*ReadFile(file), whole);
  }
}

TEST_F(SeccompCacheTest, NeverUsesAnotherProfilesFilter) {
  Get();
  const std::string file = File();
  const std::string other = *ReadFile(file);
  profile_ = {.defaultAction = "SCMP_ACT_ALLOW"};
  ASSERT_TRUE(sys::Unlink(file));
  const SeccompFilter first = Get();
  ASSERT_TRUE(ReplaceFile(File(), other));
  EXPECT_EQ(Get().program, first.program);
}

}  // namespace
}  // namespace berth::runtime
