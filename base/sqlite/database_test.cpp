#include "base/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth {
namespace {

using testing::HasSubstr;

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/berth-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
    path_ = dir_ + "/test.db";
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }

  Database Open() {
    auto database = Database::Open(path_);
    EXPECT_TRUE(database) << database.error().message();
    return std::move(*database);
  }

  std::string dir_;
  std::string path_;
};

int64_t Count(Database& database) {
  auto count = database.Prepare("SELECT count(*) FROM t");
  EXPECT_TRUE(count && count->Step());
  return count->Integer(0);
}

TEST_F(DatabaseTest, KeepsBytesAsTheyAre) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (b BLOB)"));
  const std::string bytes("\0\xff'x", 4);
  ASSERT_TRUE(database.Prepare("INSERT INTO t VALUES (?)")->BindBytes(bytes).Run());
  ASSERT_TRUE(database.Prepare("INSERT INTO t VALUES (?)")->BindBytes({}).Run());
  auto rows = database.Prepare("SELECT b FROM t ORDER BY rowid");
  ASSERT_TRUE(rows && *rows->Step());
  EXPECT_EQ(rows->Bytes(0), bytes);
  ASSERT_TRUE(*rows->Step());
  EXPECT_EQ(rows->Bytes(0), "");
  EXPECT_FALSE(rows->IsNull(0)) << "no bytes are not NULL";
}

TEST_F(DatabaseTest, AStatementIsReadyAgainAfterEachUse) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)"));
  auto above = database.Prepare("SELECT n FROM t WHERE n > ? ORDER BY n");
  for (const int64_t least : {0, 1, 2}) {
    StatementUse use(*above);
    use->Bind(least);
    ASSERT_TRUE(*use->Step());
    EXPECT_EQ(use->Integer(0), least + 1);
  }
}

TEST_F(DatabaseTest, ATransactionThatFailsLeavesNothing) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (n)"));
  const Result<void> outcome = database.Transaction([&]() -> Result<void> {
    TRY(database.Execute("INSERT INTO t VALUES (1)"));
    return MakeError("changed my mind");
  });
  EXPECT_EQ(outcome.error().message(), "changed my mind");
  EXPECT_EQ(Count(database), 0);
}

TEST_F(DatabaseTest, ACommitThatFailsLeavesNothingAndNoOpenTransaction) {
  Database database = Open();
  ASSERT_TRUE(
      database.Execute("PRAGMA foreign_keys=ON; CREATE TABLE p (n PRIMARY KEY);"
                       "CREATE TABLE t (n REFERENCES p DEFERRABLE INITIALLY DEFERRED)"));
  const auto insert = [&] { return database.Execute("INSERT INTO t VALUES (7)"); };
  const Result<void> outcome = database.Transaction(insert);
  ASSERT_FALSE(outcome) << "the row's parent is missing at the commit";
  EXPECT_EQ(Count(database), 0);
  EXPECT_TRUE(database.Transaction([]() -> Result<void> { return {}; }));
}

TEST_F(DatabaseTest, ASnapshotDoesNotSeeWhatOthersCommit) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (n)"));
  Database reader = Open();
  ASSERT_TRUE(reader.Snapshot([&]() -> Result<void> {
    EXPECT_EQ(Count(reader), 0);
    EXPECT_TRUE(database.Execute("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(Count(reader), 0);
    return {};
  }));
  EXPECT_EQ(Count(reader), 1);
}

TEST_F(DatabaseTest, NamesTheFileAndTheReason) {
  const auto missing = Database::Open(dir_ + "/no/such.db");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("/no/such.db"));
  EXPECT_EQ(missing.error().code(), ENOENT);

  ASSERT_TRUE(ReplaceFile(path_, std::string(8192, 'x')));
  const auto garbage = Database::Open(path_);
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error().message(), HasSubstr(path_ + ": file is not a database"));
}

TEST_F(DatabaseTest, AFullDatabaseIsAFullDisk) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (b); PRAGMA max_page_count=4"));
  const Result<void> outcome = database.Execute("INSERT INTO t VALUES (zeroblob(100000))");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ENOSPC);
}

}  // namespace
}  // namespace berth
