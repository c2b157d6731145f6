#include "agent/engine/task_book.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/sys.h"

namespace berth::agent::engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TaskBookTest : public testing::Test {
 protected:
  TaskBookTest() {
    char name[] = "/tmp/berth-book-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    directory = name;
    path = directory + "/book.db";
  }
  ~TaskBookTest() override { EXPECT_TRUE(sys::RemoveTree(directory)); }

  std::string directory, path;
};

BookedTask Task(const std::string& arn) {
  BookedTask task = {.id = "id of " + arn,
                     .secret = "secret",
                     .stop_wanted = true,
                     .told = Told::kRunning,
                     .failure = "why",
                     .created = WallTime(std::chrono::nanoseconds(1'795'000'000'000'000'001)),
                     .pull_started = WallTime(std::chrono::seconds(5)),
                     .digests = {{"a", "sha256:1"}, {"b", "sha256:2"}}};
  task.order = {.arn = arn, .family = "web", .version = "3", .desiredStatus = "RUNNING"};
  task.order.containers = {{.name = "a", .image = "i", .environment = {{"K", "v\n\"\x01"}}}};
  return task;
}

TEST_F(TaskBookTest, RemembersAfterItWasClosed) {
  {
    auto book = TaskBook::Open(path);
    ASSERT_TRUE(book) << book.error().message();
    ASSERT_TRUE(book->Put(Task("arn/1")));
    ASSERT_TRUE(book->SetFact("cluster", "c"));
  }
  auto book = TaskBook::Open(path);
  ASSERT_TRUE(book);
  const auto tasks = book->Tasks();
  ASSERT_TRUE(tasks) << tasks.error().message();
  ASSERT_THAT(*tasks, SizeIs(1));
  const BookedTask& read = tasks->front();
  const BookedTask written = Task("arn/1");
  EXPECT_EQ(read.order, written.order);
  EXPECT_EQ(read.id, written.id);
  EXPECT_EQ(read.secret, written.secret);
  EXPECT_TRUE(read.stop_wanted);
  EXPECT_EQ(read.told, Told::kRunning);
  EXPECT_EQ(read.failure, "why");
  EXPECT_EQ(read.created, written.created);
  EXPECT_EQ(read.pull_started, written.pull_started);
  EXPECT_FALSE(read.pull_stopped);
  EXPECT_EQ(read.digests, written.digests);
  EXPECT_EQ(**book->Fact("cluster"), "c");
  EXPECT_FALSE(*book->Fact("other"));
}

TEST_F(TaskBookTest, WritesNoCredentialsDown) {
  auto book = *TaskBook::Open(path);
  BookedTask task = Task("arn/1");
  task.order.roleCredentials = ecs::wire::RoleCredentials{.secretAccessKey = "hidden"};
  task.order.executionRoleCredentials = ecs::wire::RoleCredentials{.secretAccessKey = "hidden"};
  ASSERT_TRUE(book.Put(task));
  EXPECT_FALSE(book.Tasks()->front().order.roleCredentials);
  EXPECT_FALSE(book.Tasks()->front().order.executionRoleCredentials);
}

TEST_F(TaskBookTest, ReplacesErasesAndClears) {
  auto book = *TaskBook::Open(path);
  ASSERT_TRUE(book.Put(Task("arn/1")));
  BookedTask changed = Task("arn/1");
  changed.told = Told::kStopped;
  ASSERT_TRUE(book.Put(changed));
  ASSERT_TRUE(book.Put(Task("arn/2")));
  EXPECT_THAT(*book.Tasks(), SizeIs(2));
  EXPECT_EQ(book.Tasks()->front().told, Told::kStopped);
  ASSERT_TRUE(book.Erase("arn/1"));
  EXPECT_THAT(*book.Tasks(), SizeIs(1));
  ASSERT_TRUE(book.SetFact("cluster", "c"));
  ASSERT_TRUE(book.Clear());
  EXPECT_THAT(*book.Tasks(), IsEmpty());
  EXPECT_FALSE(*book.Fact("cluster"));
}

TEST_F(TaskBookTest, RefusesTheBookOfALaterVersion) {
  ASSERT_TRUE(TaskBook::Open(path));
  ASSERT_TRUE(Database::Open(path)->Execute("PRAGMA user_version = 2"));
  const auto book = TaskBook::Open(path);
  ASSERT_FALSE(book);
  EXPECT_THAT(book.error().message(), HasSubstr("later version"));
}

}  // namespace
}  // namespace berth::agent::engine
