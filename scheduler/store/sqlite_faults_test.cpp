// The embedded engine when the disk is full or fails, and when the process is killed.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <atomic>
#include <future>

#include "base/files.h"
#include "scheduler/store/faulty_vfs.h"
#include "scheduler/store/test_directory.h"

namespace berth::scheduler {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<Store> Open(const std::string& path) {
  auto store = OpenSqliteStore(path);
  EXPECT_TRUE(store) << store.error().message();
  return store ? std::move(*store) : nullptr;
}

Result<TransactionResult> Put(Store& store, const std::string& key, const std::string& value) {
  return store.CommitAndWait({.then = {Operation::Put(key, value)}});
}

size_t CountKeys(Store& store) {
  const auto all = store.Range({.range = KeyRange::Prefix("")});
  EXPECT_TRUE(all) << all.error().message();
  return all ? all->found.size() : 0;
}

TEST(SqliteFaultsTest, WhatIsQueuedBecomesDurableTogether) {
  FaultyVfs vfs;
  TestDirectory directory;
  auto store = Open(directory / "store.db");
  constexpr int kWaiting = 400;
  std::promise<void> entered;
  std::promise<void> leave;
  store->Commit({.then = {Operation::Put("first", "")}}, [&](const auto&) {
    entered.set_value();
    leave.get_future().get();
  });
  entered.get_future().get();
  for (int i = 0; i < kWaiting; ++i) {
    store->Commit({.then = {Operation::Put(fmt::format("k{}", i), "")}}, [](const auto&) {});
  }
  const int before = FaultyVfs::syncs();
  leave.set_value();
  ASSERT_TRUE(Put(*store, "last", ""));
  EXPECT_GE(FaultyVfs::syncs(), before + 1);
  // One or two for the batch and the last, some if a checkpoint falls between; not one for each.
  EXPECT_LE(FaultyVfs::syncs(), before + 10);
}

TEST(SqliteFaultsTest, ACommitThatCanNotBeSyncedDidNotHappen) {
  FaultyVfs vfs;
  TestDirectory directory;
  auto store = Open(directory / "store.db");
  const Revision before = Put(*store, "good", "")->revision;
  Told told;
  const auto watch = store->WatchFrom(KeyRange::Prefix(""), before + 1, told.Handler());

  vfs.FailSyncs();
  const auto failed = Put(*store, "lost", std::string(20'000, 'v'));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), EIO) << failed.error().message();
  EXPECT_EQ(CountKeys(*store), 1U);
  const auto lease = store->GrantLease(10s);
  EXPECT_FALSE(lease);

  // Were the process to die now: what would the next one find?
  const TestDirectory copy;
  for (const char* name : {"store.db", "store.db-wal"}) {
    ASSERT_TRUE(ReplaceFile(copy / name, *ReadFile(directory / name)));
  }
  vfs.Recover();
  EXPECT_EQ(CountKeys(*Open(copy / "store.db")), 1U) << "the failed commit has come back";

  const auto again = Put(*store, "again", "");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->revision, before + 1);
  EXPECT_EQ(told.WaitFor(1).front().events.front().now.key, "again");
  store.reset();
  EXPECT_EQ(CountKeys(*Open(directory / "store.db")), 2U);
}

/// A file system of 2 MiB, seen by this process alone.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
               ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) (void)::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST(SqliteFaultsTest, AFullDiskFailsCommitsAndHarmsNothing) {
  TestDirectory directory;
  ASSERT_TRUE(sys::MakeDirectories(directory / "disk", 0755));
  const SmallDisk disk(directory / "disk");
  if (!disk.mounted()) GTEST_SKIP() << "needs root, to mount a small file system";
  const std::string path = directory / "disk/store.db";
  const std::string ballast = directory / "disk/ballast";
  ASSERT_TRUE(ReplaceFile(ballast, std::string(1 << 20, 'x')));

  auto store = Open(path);
  std::atomic<size_t> kept = 0;
  std::atomic<size_t> failed = 0;
  Told told;
  const auto watch = store->WatchFrom(KeyRange::Prefix(""), 0, told.Handler());
  for (int i = 0; i < 100; ++i) {
    store->Commit({.then = {Operation::Put(fmt::format("{}/a", i), std::string(20'000, 'v')),
                            Operation::Put(fmt::format("{}/b", i), "")}},
                  [&](const Result<TransactionResult>& result) {
                    ++(result ? kept : failed);
                    EXPECT_TRUE(result || result.error().Is(ENOSPC)) << result.error().message();
                  });
    // In batches of a few, some of which find room.
    if (i % 5 == 0) (void)Put(*store, "tick", "").has_value();
  }
  (void)Put(*store, "tick", std::string(1'000'000, 'v')).has_value();
  EXPECT_GT(failed, 0U);
  EXPECT_EQ(CountKeys(*store), 2 * kept + 1);

  ASSERT_TRUE(sys::Unlink(ballast));
  const auto after = Put(*store, "after", "v");
  ASSERT_TRUE(after) << after.error().message();
  const auto batches = told.WaitFor(static_cast<size_t>(after->revision) - 1);
  EXPECT_EQ(batches.back().revision, after->revision) << "no revision of what failed";
  for (size_t i = 1; i < batches.size(); ++i) {
    EXPECT_EQ(batches[i].revision, batches[i - 1].revision + 1);
  }
  store.reset();
  EXPECT_EQ(CountKeys(*Open(path)), 2 * kept + 2);
}

/// What a child process has been told is durable, before it was killed.
struct Acknowledged {
  int64_t number = 0;
  Revision revision = 0;
};

/// Commits three keys at a time, several transactions in flight, until it is killed.
[[noreturn]] void CommitUntilKilled(const std::string& path, int64_t first, int pipe) {
  auto store = OpenSqliteStore(path);
  if (!store) ::_exit(1);
  std::atomic<int64_t> in_flight = 0;
  for (int64_t number = first;; ++number) {
    while (in_flight >= 20) ::usleep(50);
    ++in_flight;
    const std::string value(100 + number % 3'000, 'v');
    (*store)->Commit({.then = {Operation::Put(fmt::format("a/{}", number), value),
                               Operation::Put(fmt::format("b/{}", number), value),
                               Operation::Put("counter", std::to_string(number))}},
                     [&, number](const Result<TransactionResult>& result) {
                       if (!result) ::_exit(2);
                       const Acknowledged told = {number, result->revision};
                       if (::write(pipe, &told, sizeof(told)) != sizeof(told)) ::_exit(3);
                       --in_flight;
                     });
  }
}

/// Every transaction is whole, and those that were acknowledged are there: how many there are.
int64_t CountWhole(Store& store, const Acknowledged& last) {
  const auto as = *store.Range({.range = KeyRange::Prefix("a/")});
  const auto bs = *store.Range({.range = KeyRange::Prefix("b/")});
  const auto counter = *store.Range({.range = KeyRange::One("counter")});
  const auto count = static_cast<int64_t>(as.found.size());
  EXPECT_GE(count, last.number);
  EXPECT_GE(as.revision, last.revision);
  EXPECT_EQ(bs.found.size(), as.found.size());
  EXPECT_EQ(counter.found.size(), count == 0 ? 0U : 1U);
  if (testing::Test::HasFailure()) return count;
  Revision newest = 0;
  for (size_t i = 0; i < as.found.size(); ++i) {
    EXPECT_EQ(as.found[i].mod_revision, bs.found[i].mod_revision);
    EXPECT_EQ(as.found[i].key.substr(2), bs.found[i].key.substr(2));
    newest = std::max(newest, as.found[i].mod_revision);
  }
  if (count > 0) {
    EXPECT_EQ(counter.found[0].value, std::to_string(count));
    EXPECT_EQ(counter.found[0].mod_revision, newest);
  }
  return count;
}

TEST(SqliteFaultsTest, AKilledProcessLosesNothingThatWasAcknowledged) {
  TestDirectory directory;
  const std::string path = directory / "store.db";
  Acknowledged last = {.number = 0, .revision = 1};
  for (int round = 0; round < 30; ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    auto [read_end, write_end] = *sys::Pipe();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) CommitUntilKilled(path, last.number + 1, write_end.get());
    write_end.Reset();
    // At another moment of its work each time.
    ::usleep(15'000 + round * 1'000);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
    for (Acknowledged told; ::read(read_end.get(), &told, sizeof(told)) == sizeof(told);) {
      EXPECT_EQ(told.number, last.number + 1);
      EXPECT_GT(told.revision, last.revision) << "revisions never go back";
      last = told;
    }
    auto store = Open(path);
    // What was durable and not acknowledged yet counts, too.
    last.number = CountWhole(*store, last);
    const Revision between = Put(*store, "between", "")->revision;
    EXPECT_GT(between, last.revision);
    last.revision = between;
    if (HasFailure()) return;
  }
  EXPECT_GT(last.number, 100);
}

}  // namespace
}  // namespace berth::scheduler
