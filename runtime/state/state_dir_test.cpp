#include "runtime/state/state_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"
#include "base/pidfd.h"
#include "base/sys.h"

namespace berth::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StateDirTest : public testing::Test {
 protected:
  StateDirTest() {
    char path[] = "/tmp/berth-state-XXXXXX";
    EXPECT_NE(::mkdtemp(path), nullptr);
    root_ = path;
  }
  ~StateDirTest() override { EXPECT_TRUE(sys::RemoveTree(root_)); }
  std::string root_;
};

Record SomeRecord() {
  return {.id = "c1",
          .bundle = "/b",
          .rootfs = "/b/rootfs",
          .pid = ::getpid(),
          .start_time = *ProcessStartTime(::getpid()),
          .created = *ParseTime("2026-11-26T12:00:00.5Z"),
          .owner = 3,
          .cgroup = {.name = "a/c1", .path = "/sys/fs/cgroup/a/c1", .scope = "x.scope"},
          .late_hooks = true,
          .annotations = {{"k", "v \"w\""}},
          .added_mounts = {{"/data", 1ULL << 40}}};
}

TEST_F(StateDirTest, KeepsWhatIsWrittenDown) {
  const auto dir = StateDir::Make(root_, "c1");
  ASSERT_TRUE(dir) << dir.error().message();
  EXPECT_EQ(*dir->ReadRecord(), std::nullopt);
  ASSERT_TRUE(dir->WriteRecord(SomeRecord()));
  EXPECT_EQ(**StateDir::Open(root_, "c1")->ReadRecord(), SomeRecord());
  EXPECT_THAT(*StateDir::List(root_), ElementsAre("c1"));
  ASSERT_TRUE(dir->Remove());
  EXPECT_THAT(*StateDir::List(root_), ElementsAre());
}

TEST_F(StateDirTest, GivesANameOnce) {
  const auto dir = StateDir::Make(root_, "c1");
  EXPECT_EQ(StateDir::Make(root_, "c1").error().message(), "container \"c1\" exists already");
  EXPECT_EQ(StateDir::Open(root_, "c2").error().message(), "container \"c2\" does not exist");
}

TEST_F(StateDirTest, TellsTheStatesApart) {
  auto dir = StateDir::Make(root_, "c1");
  Record record = SomeRecord();
  record.cgroup = {};
  const auto status = [&] { return CurrentState(*dir, record)->status; };
  EXPECT_EQ(status(), Status::kRunning);
  const auto listener = dir->Listen();
  ASSERT_TRUE(listener) << listener.error().message();
  EXPECT_EQ(status(), Status::kCreating);
  ASSERT_TRUE(dir->OpenToStart());
  EXPECT_EQ(status(), Status::kCreated);
  ASSERT_TRUE(dir->ConnectToStart());
  EXPECT_EQ(status(), Status::kRunning);
  record.start_time += 1;  // the number is another process's by now
  EXPECT_EQ(status(), Status::kStopped);
  EXPECT_EQ(CurrentState(*dir, record)->pid, 0);
  record.pid = 0;
  EXPECT_EQ(status(), Status::kCreating);
  EXPECT_TRUE(dir->Remove());
}

TEST_F(StateDirTest, FreesTheNameOfARetiredOne) {
  auto dir = StateDir::Make(root_, "c1");
  ASSERT_TRUE(dir->WriteRecord(SomeRecord()));
  ASSERT_TRUE(dir->Retire());
  EXPECT_THAT(*StateDir::List(root_), ElementsAre());
  EXPECT_TRUE(StateDir::Make(root_, "c1"));
  const auto retired = StateDir::OpenRetired(root_, "c1");
  ASSERT_TRUE(retired);
  EXPECT_EQ(**retired->ReadRecord(), SomeRecord());
  ASSERT_TRUE(retired->Remove());
  EXPECT_FALSE(StateDir::OpenRetired(root_, "c1"));
}

TEST_F(StateDirTest, RefusesARecordOfAnotherForm) {
  const auto dir = StateDir::Make(root_, "c1");
  for (const char* text : {"", "{}", "[]", R"({"id":"c1"})", "\x00\xff"}) {
    ASSERT_TRUE(ReplaceFile(root_ + "/c1/state.json", text));
    EXPECT_THAT(dir->ReadRecord().error().message(), HasSubstr("state.json")) << text;
  }
}

TEST(ContainerId, CanNotLeadOutOfItsDirectory) {
  for (const char* id : {"", ".", "..", "a/b", "/a", "../a", ".a", "a b", "a\n", "\xc3\xa4"}) {
    EXPECT_FALSE(CheckId(id)) << id;
  }
  EXPECT_FALSE(CheckId(std::string(247, 'a')));
  for (const char* id : {"a", "_", "+-", "A.b_c-1", "-x"}) EXPECT_TRUE(CheckId(id)) << id;
}

}  // namespace
}  // namespace berth::runtime
