#include "runtime/process/read_only_self.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "base/sys.h"

namespace berth::runtime {
namespace {

// Run by the test below, in the program that it executes.
TEST(ReadOnlySelf, DISABLED_IsReadOnly) {
  EXPECT_EQ(::chmod("/proc/self/exe", 0755), -1);
  EXPECT_EQ(errno, EROFS);
  std::array<char*, 1> nothing = {nullptr};
  EXPECT_TRUE(RunFromReadOnlyMount(nothing.data(), nothing.data()));  // nothing left to do
}

TEST(ReadOnlySelf, DISABLED_IsSealed) {
  const UniqueFd self = *sys::Open("/proc/self/exe", O_RDONLY);
  EXPECT_NE(::fcntl(self.get(), F_GET_SEALS) & F_SEAL_WRITE, 0);
  std::array<char*, 1> nothing = {nullptr};
  EXPECT_TRUE(RunFromReadOnlyMount(nothing.data(), nothing.data()));
}

TEST(ReadOnlySelf, UserExecutesASealedCopyOfAFileOfHisOwn) {
  // A copy, as this program's own file must stay root's.
  std::string path = "/tmp/berth-self-XXXXXX";
  const UniqueFd made(::mkstemp(path.data()));
  ASSERT_TRUE(ReplaceFile(path, *ReadFile("/proc/self/exe", size_t{1} << 30), 0755));
  ASSERT_EQ(::chown(path.c_str(), 1000, 1000), 0);
  const auto run = [&](uid_t uid) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      if (::setresuid(uid, uid, uid) < 0) ::_exit(100);
      ::execl(path.c_str(), "test", "--gtest_filter=ReadOnlySelf.DISABLED_GoesOn",
              "--gtest_also_run_disabled_tests", nullptr);
      ::_exit(101);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(run(1000), 0);
  EXPECT_EQ(run(1001), 3);  // where nothing is to be feared nothing is done
  EXPECT_EQ(::unlink(path.c_str()), 0);
}

// Run by the test above.
TEST(ReadOnlySelf, DISABLED_GoesOn) {
  std::string name = "test";
  std::string filter = "--gtest_filter=ReadOnlySelf.DISABLED_IsSealed";
  std::string all = "--gtest_also_run_disabled_tests";
  std::array<char*, 4> argv = {name.data(), filter.data(), all.data(), nullptr};
  if (RunFromReadOnlyMount(argv.data(), ::environ)) ::_exit(3);
  FAIL();
}

TEST(ReadOnlySelf, ExecutesTheSameProgramReadOnly) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::string name = "test";
    std::string filter = "--gtest_filter=ReadOnlySelf.DISABLED_IsReadOnly";
    std::string all = "--gtest_also_run_disabled_tests";
    std::array<char*, 4> argv = {name.data(), filter.data(), all.data(), nullptr};
    const auto failed = RunFromReadOnlyMount(argv.data(), ::environ);
    ::_exit(failed ? 100 : 101);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace berth::runtime
