#include "scheduler/store/sqlite_writer.h"

#include <algorithm>
#include <future>

namespace berth::scheduler {
namespace {

// A batch holds up those behind it: some 50 ms of work at most.
constexpr size_t kMaxBatchJobs = 1'024;
constexpr size_t kMaxBatchSize = 16 << 20;

// Changes that a batch clears up after, besides its own work: at least as many as it makes, or the
// log would grow under a load that never ends.
constexpr int64_t kMinSweep = 256;
constexpr int64_t kSweepPerJob = 2;

}  // namespace

struct SqliteWriter::Parts {
  Database database;
  SqliteApplier applier;
  Statement savepoint;
  Statement roll_back;
  Statement release;
  OnDurable on_durable;
};

Result<std::unique_ptr<SqliteWriter>> SqliteWriter::Start(const std::string& path,
                                                          OnDurable on_durable) {
  Database database = TRY(OpenStoreFile(path));
  SqliteApplier applier = TRY(SqliteApplier::Open(database));
  Statement savepoint = TRY(database.Prepare("SAVEPOINT job"));
  Statement roll_back = TRY(database.Prepare("ROLLBACK TO job"));
  Statement release = TRY(database.Prepare("RELEASE job"));
  return std::unique_ptr<SqliteWriter>(new SqliteWriter({.database = std::move(database),
                                                         .applier = std::move(applier),
                                                         .savepoint = std::move(savepoint),
                                                         .roll_back = std::move(roll_back),
                                                         .release = std::move(release),
                                                         .on_durable = std::move(on_durable)}));
}

SqliteWriter::SqliteWriter(Parts parts)
    : database_(std::move(parts.database)),
      applier_(std::move(parts.applier)),
      savepoint_(std::move(parts.savepoint)),
      roll_back_(std::move(parts.roll_back)),
      release_(std::move(parts.release)),
      on_durable_(std::move(parts.on_durable)),
      durable_(applier_.revision()),
      thread_([this] { Run(); }) {}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  submitted_.notify_one();
  thread_.join();
}

void SqliteWriter::Submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  submitted_.notify_one();
}

Result<TransactionResult> SqliteWriter::SubmitAndWait(Work work) {
  std::promise<Result<TransactionResult>> promise;
  Submit({.work = std::move(work), .done = [&promise](Result<TransactionResult> result) {
            promise.set_value(std::move(result));
          }});
  return promise.get_future().get();
}

void SqliteWriter::Run() {
  for (;;) {
    std::vector<Job> jobs = TakeBatch();
    if (jobs.empty()) return;
    RunBatch(std::move(jobs));
  }
}

/// Waits for work; nothing when it is time to stop.
std::vector<SqliteWriter::Job> SqliteWriter::TakeBatch() {
  std::vector<Job> jobs;
  std::unique_lock lock(mutex_);
  submitted_.wait(lock, [&] { return !queue_.empty() || stopping_ || unswept_; });
  size_t size = 0;
  while (!queue_.empty() && jobs.size() < kMaxBatchJobs && size < kMaxBatchSize) {
    size += queue_.front().size;
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (unswept_ && !(stopping_ && jobs.empty())) jobs.push_back(SweepJob(jobs.size()));
  return jobs;
}

SqliteWriter::Work SqliteWriter::Compaction(Revision revision) {
  return [this, revision](SqliteApplier& applier) {
    unswept_ = true;
    return applier.Compact(revision);
  };
}

SqliteWriter::Job SqliteWriter::SweepJob(size_t batch) {
  const int64_t limit = std::max(kMinSweep, kSweepPerJob * static_cast<int64_t>(batch));
  return {.work = [this, limit](SqliteApplier& applier) -> Result<TransactionResult> {
            unswept_ = false;  // if this fails, until the next compaction
            unswept_ = TRY(applier.Sweep(limit));
            return TransactionResult{};
          },
          .done = [](const Result<TransactionResult>&) {}};
}

void SqliteWriter::RunBatch(std::vector<Job> jobs) {
  Result<Results> results = database_.Transaction([&] { return RunAll(jobs); });
  if (results) {
    durable_ = applier_.revision();
  } else {
    applier_.set_revision(durable_);
    unswept_ = false;
    BuryFailedCommit();
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].done(results ? std::move((*results)[i]) : Result<TransactionResult>(results.error()));
  }
  if (results) on_durable_(durable_);
}

/// The outcome of each; or the reason why the whole batch is lost.
Result<SqliteWriter::Results> SqliteWriter::RunAll(const std::vector<Job>& jobs) {
  Results results;
  results.reserve(jobs.size());
  for (const Job& job : jobs) {
    const Revision before = applier_.revision();
    TRY(StatementUse(savepoint_)->Run());
    Result<TransactionResult> result = job.work(applier_);
    if (!result) {
      applier_.set_revision(before);
      // After some errors (a full disk, ...) SQLite has rolled back everything, savepoints
      // included.
      if (!StatementUse(roll_back_)->Run()) return result.error();
    }
    TRY(StatementUse(release_)->Run());
    results.push_back(std::move(result));
  }
  return results;
}

/// Where only the sync of a commit has failed, its pages stand in the write-ahead log, whole. They
/// are ignored, unless the process ends before they are overwritten: then the next to open the file
/// would take them for committed. Any other commit overwrites them, even one that can't be synced.
void SqliteWriter::BuryFailedCommit() {
  (void)database_
      .Transaction(
          [&] { return database_.Execute("UPDATE state SET failed_commits = failed_commits + 1"); })
      .has_value();
}

}  // namespace berth::scheduler
