#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth {
namespace {

TEST(ProcessTest, CollectsOutputAndExitCode) {
  const auto output = RunCommand({.argv = {"/bin/sh", "-c", "echo hello; exit 3"}});
  ASSERT_TRUE(output) << output.error().message();
  EXPECT_EQ(output->out, "hello\n");
  EXPECT_EQ(output->status.code, 3);
}

TEST(ProcessTest, AMissingProgramIsAnError) {
  const auto process = Spawn({.argv = {"/no/such/program"}});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().message(), "start /no/such/program: No such file or directory");
}

TEST(ProcessTest, HandsOnNoDescriptorButThoseToKeep) {
  const auto pipe = sys::Pipe();
  const int leaked = ::dup(0);  // without close-on-exec
  const auto output =
      RunCommand({.argv = {"/bin/sh", "-c", "ls /proc/self/fd"}, .keep = {pipe->first.get()}});
  ::close(leaked);
  // 0, 1, 2, the kept one, and ls's own descriptor of the directory.
  EXPECT_EQ(Split(Trim(output->out), '\n').size(), 5U) << output->out;
}

TEST(ProcessTest, SignalsCountAsShellsDo) {
  auto process = Spawn({.argv = {"/bin/sleep", "60"}});
  ASSERT_TRUE(process);
  EXPECT_FALSE(*process->WaitForEnd(std::chrono::milliseconds(1)));
  ASSERT_TRUE(process->Signal(SIGKILL));
  const auto status = process->Reap();
  EXPECT_EQ(status->code, 137);
  EXPECT_EQ(status->signal, SIGKILL);
}

TEST(RollbackTest, UndoesInOppositeOrderUnlessCommitted) {
  std::string order;
  {
    Rollback rollback;
    rollback.Push([&] { order += "a"; });
    rollback.Push([&] { order += "b"; });
  }
  EXPECT_EQ(order, "ba");
  {
    Rollback rollback;
    rollback.Push([&] { order += "c"; });
    rollback.Commit();
  }
  EXPECT_EQ(order, "ba");
}

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/berth-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }
  std::string dir_;
};

TEST_F(FilesTest, ReplacesAtomicallyAndLeavesNothingBeside) {
  ASSERT_TRUE(WriteFileAtomically(dir_ + "/f", "one"));
  ASSERT_TRUE(ReplaceFile(dir_ + "/f", "two"));
  EXPECT_EQ(*ReadFile(dir_ + "/f"), "two");
  EXPECT_EQ(ListDirectory(dir_)->size(), 1U);
}

TEST_F(FilesTest, RefusesAFileOverTheLimit) {
  ASSERT_TRUE(ReplaceFile(dir_ + "/f", std::string(10000, 'x')));
  EXPECT_FALSE(ReadFile(dir_ + "/f", 9999));
  EXPECT_TRUE(ReadFile(dir_ + "/f", 10000));
}

TEST_F(FilesTest, RemoveTreeDoesNotFollowLinks) {
  ASSERT_TRUE(sys::MakeDirectories(dir_ + "/keep", 0755));
  ASSERT_TRUE(ReplaceFile(dir_ + "/keep/f", "kept"));
  ASSERT_TRUE(sys::MakeDirectories(dir_ + "/gone/deep/er", 0755));
  ASSERT_EQ(::symlink((dir_ + "/keep").c_str(), (dir_ + "/gone/deep/link").c_str()), 0);
  ASSERT_TRUE(sys::RemoveTree(dir_ + "/gone"));
  EXPECT_FALSE(Exists(dir_ + "/gone"));
  EXPECT_TRUE(Exists(dir_ + "/keep/f"));
  EXPECT_TRUE(sys::RemoveTree(dir_ + "/gone")) << "what is not there is no error";
}

TEST_F(FilesTest, MakeDirectoriesRefusesAFileInTheWay) {
  ASSERT_TRUE(ReplaceFile(dir_ + "/f", ""));
  EXPECT_TRUE(sys::MakeDirectories(dir_ + "/a/b/c", 0755));
  EXPECT_TRUE(sys::MakeDirectories(dir_ + "/a/b/c", 0755));
  EXPECT_EQ(sys::MakeDirectories(dir_ + "/f", 0755).error().code(), ENOTDIR);
}

}  // namespace
}  // namespace berth
