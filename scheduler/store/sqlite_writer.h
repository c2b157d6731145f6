// SqliteWriter: the one thread that writes. What has been queued while it was at work becomes one
// SQLite transaction with one fsync: a group commit.
//
//   Submit, Submit, ...  ->  BEGIN  job, job, ...  COMMIT (fsync)  ->  done, done, ...  ->
//   on_durable
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "scheduler/store/sqlite_apply.h"

namespace berth::scheduler {

class SqliteWriter {
 public:
  /// All or nothing: what it has done before it fails is taken back, and the others go on.
  using Work = std::function<Result<TransactionResult>(SqliteApplier&)>;

  struct Job {
    Work work;
    /// Called on the writer's thread.
    Store::Done done;
    size_t size = 0;  // bytes that it writes, about
  };
  /// Called on the writer's thread, after the `done`s of each batch.
  using OnDurable = std::function<void(Revision)>;

  /// Opens the file, or makes it.
  static Result<std::unique_ptr<SqliteWriter>> Start(const std::string& path, OnDurable on_durable);
  /// Does what has been submitted.
  ~SqliteWriter();

  void Submit(Job job);
  /// Not from the writer's thread.
  Result<TransactionResult> SubmitAndWait(Work work);

  /// Forgets what was before; what is to be deleted for it is, bit by bit, with the next batches.
  Work Compaction(Revision revision);

  Revision durable() const { return durable_; }

 private:
  struct Parts;
  explicit SqliteWriter(Parts parts);

  using Results = std::vector<Result<TransactionResult>>;

  void Run();
  std::vector<Job> TakeBatch();
  void RunBatch(std::vector<Job> jobs);
  Result<Results> RunAll(const std::vector<Job>& jobs);
  Job SweepJob(size_t batch);  // deletes a part of what compaction has left
  void BuryFailedCommit();

  Database database_;
  SqliteApplier applier_;
  Statement savepoint_;
  Statement roll_back_;
  Statement release_;
  OnDurable on_durable_;
  std::atomic<Revision> durable_;
  bool unswept_ = true;  // compaction may have left something to delete

  std::mutex mutex_;
  std::condition_variable submitted_;
  std::deque<Job> queue_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace berth::scheduler
