#include <sys/stat.h>

#include "base/files.h"
#include "base/sqlite/database.h"
#include "scheduler/store/test_directory.h"

namespace berth::scheduler {
namespace {

using testing::AllOf;
using testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         testing::Values(StoreEngine{
                             .name = "sqlite",
                             .make_place = [] { return std::make_unique<SqlitePlace>(); }}),
                         [](const auto& info) { return info.param.name; });

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> Open(Retention retention = {}) {
    auto store = OpenSqliteStore(path_, retention);
    EXPECT_TRUE(store) << store.error().message();
    return store ? std::move(*store) : nullptr;
  }
  Error OpenError() {
    auto store = OpenSqliteStore(path_);
    EXPECT_FALSE(store);
    return store ? MakeError("it opened") : store.error();
  }

  TestDirectory directory_;
  std::string path_ = directory_ / "store.db";
};

TEST_F(SqliteStoreTest, OneSchedulerAtATimeHasTheFile) {
  auto store = Open();
  const Error error = OpenError();
  EXPECT_EQ(error.code(), EBUSY);
  EXPECT_THAT(error.message(), AllOf(HasSubstr(path_), HasSubstr("another scheduler"),
                                     HasSubstr(fmt::format("(process {})", ::getpid()))));
  EXPECT_TRUE(store->CommitAndWait({.then = {Operation::Put("k", "v")}}));
  store.reset();
  EXPECT_TRUE(Open());
}

TEST_F(SqliteStoreTest, OnlyItsOwnerReadsTheFile) {
  const auto store = Open();
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status;
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(SqliteStoreTest, RefusesTheFileOfALaterVersionByName) {
  Open();
  ASSERT_TRUE(Database::Open(path_)->Execute("PRAGMA user_version=7"));
  EXPECT_THAT(OpenError().message(),
              AllOf(HasSubstr(path_), HasSubstr("later version of Berth (schema 7")));
}

TEST_F(SqliteStoreTest, RefusesTheDatabaseOfAnotherProgram) {
  ASSERT_TRUE(Database::Open(path_)->Execute("CREATE TABLE tasks (id)"));
  EXPECT_THAT(OpenError().message(), AllOf(HasSubstr(path_), HasSubstr("another program's")));
}

TEST_F(SqliteStoreTest, SaysThatAFileIsNone) {
  ASSERT_TRUE(ReplaceFile(path_, std::string(100'000, 'x')));
  EXPECT_THAT(OpenError().message(), HasSubstr(path_ + ": file is not a database"));
  ASSERT_TRUE(sys::Unlink(path_));
  ASSERT_TRUE(sys::MakeDirectories(path_, 0755));
  EXPECT_THAT(OpenError().message(), AllOf(HasSubstr(path_), HasSubstr("Is a directory")));
}

TEST_F(SqliteStoreTest, SaysThatAFileIsDamaged) {
  auto store = Open();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(store->CommitAndWait(
        {.then = {Operation::Put(fmt::format("key{}", i), std::string(1'000, 'v'))}}));
  }
  store.reset();
  const size_t size = ReadFile(path_)->size();
  ASSERT_GT(size, 100'000U);
  const UniqueFd file = *sys::Open(path_, O_RDWR);
  const std::string junk(size - 8192, '\x5a');
  ASSERT_EQ(::pwrite(file.get(), junk.data(), junk.size(), 8192), ssize_t(junk.size()));

  auto damaged = OpenSqliteStore(path_);
  const auto read = damaged ? (*damaged)->Range({.range = KeyRange::Prefix("")})
                            : Result<RangeResult>(damaged.error());
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message(), AllOf(HasSubstr(path_), HasSubstr("malformed")));
}

TEST_F(SqliteStoreTest, ForgetsOldRevisionsByItself) {
  auto store = Open({.revisions = 100, .age = std::chrono::minutes(10)});
  const std::string value(2'000, 'v');
  const auto put = [&](int count) {
    for (int i = 0; i < count - 1; ++i)
      store->Commit({.then = {Operation::Put("k", value)}}, [](auto) {});
    return store->CommitAndWait({.then = {Operation::Put("k", value)}})->revision;
  };
  const Revision last = put(2'000);
  const auto at = [&](Revision revision) {
    return store->Range({.range = KeyRange::One("k"), .revision = revision});
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (at(last - 101) && std::chrono::steady_clock::now() < deadline) ::usleep(10'000);
  EXPECT_EQ(at(last - 101).error().code(), kCompacted);
  EXPECT_TRUE(at(last - 100));

  // What was deleted makes room: the file does not grow by what is written anew.
  store.reset();
  store = Open({.revisions = 100, .age = std::chrono::minutes(10)});
  store.reset();
  const size_t size = ReadFile(path_)->size();
  store = Open({.revisions = 100, .age = std::chrono::minutes(10)});
  put(1'000);
  store.reset();
  EXPECT_LE(ReadFile(path_)->size(), size + size / 10);
}

TEST_F(SqliteStoreTest, DoesWhatItWasGivenBeforeItCloses) {
  auto store = Open();
  int done = 0;
  for (int i = 0; i < 300; ++i) {
    store->Commit({.then = {Operation::Put(fmt::format("k{}", i), "")}},
                  [&](const auto& result) { done += result.has_value(); });
  }
  store.reset();
  EXPECT_EQ(done, 300);
  EXPECT_EQ(Open()->Range({.range = KeyRange::Prefix("k")})->found.size(), 300U);
}

}  // namespace
}  // namespace berth::scheduler
