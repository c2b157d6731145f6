#include "runtime/process/read_only_self.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace berth::runtime {
namespace {

// Run by the test below, in the program that it executes.
TEST(ReadOnlySelf, DISABLED_IsReadOnly) {
  EXPECT_EQ(::chmod("/proc/self/exe", 0755), -1);
  EXPECT_EQ(errno, EROFS);
  std::array<char*, 1> nothing = {nullptr};
  EXPECT_TRUE(RunFromReadOnlyMount(nothing.data(), nothing.data()));  // nothing left to do
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
