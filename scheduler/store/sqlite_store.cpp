// The embedded engine, put together:
//
//   Commit ------> writer (thread) --fsync--> done ... -> watch hub (thread) -> handlers
//   leases -----/        ^                         \--> caretaker (thread): what is due when
//   Range  -> readers    '---- ended leases, compaction ------'
#include "scheduler/store/sqlite_store.h"

#include <random>

#include "base/log.h"
#include "scheduler/store/caretaker.h"
#include "scheduler/store/sqlite_reader.h"
#include "scheduler/store/sqlite_writer.h"
#include "scheduler/store/store_lock.h"
#include "scheduler/store/validate.h"
#include "scheduler/store/watch_hub.h"

namespace berth::scheduler {
namespace {

// As in etcd: 285 years.
constexpr std::chrono::seconds kMaxTtl{9'000'000'000};

size_t SizeOf(const Transaction& transaction) {
  size_t size = 0;
  for (const Operation& operation : transaction.then) {
    size += operation.range.first.size() + operation.value.size();
  }
  return size;
}

/// Not guessed, and not given again after a restart: whoever still has an ended one must not keep
/// another's alive.
LeaseId RandomLeaseId() {
  std::random_device random;
  const uint64_t number = (uint64_t{random()} << 32 | random()) & INT64_MAX;
  return number == 0 ? 1 : static_cast<LeaseId>(number);
}

class SqliteStore : public Store {
 public:
  SqliteStore(std::string path, UniqueFd lock)
      : path_(std::move(path)), lock_(std::move(lock)), readers_(path_) {}
  ~SqliteStore() override;

  Result<void> Start(Retention retention);

  void Commit(Transaction transaction, Done done) override;
  Result<RangeResult> Range(const RangeRequest& request) override;
  std::unique_ptr<Watch> WatchFrom(KeyRange range, Revision revision, OnEvents handler) override;
  Result<LeaseId> GrantLease(std::chrono::seconds ttl) override;
  Result<void> KeepLeaseAlive(LeaseId lease) override;
  Result<void> RevokeLease(LeaseId lease) override;
  Result<void> Compact(Revision revision) override;

 private:
  // What the threads do for each other.
  Result<LogPart> ReadLog(Revision from);
  void Announce(Revision revision);
  void EndLease(LeaseId lease);
  void ForgetHistory(Revision revision);
  void Checkpoint();

  const std::string path_;
  const UniqueFd lock_;  // held until all that follows is closed
  SqliteReaders readers_;
  std::optional<SqliteReader> log_reader_;  // the hub's thread's
  std::optional<Database> checkpointer_;    // the caretaker's thread's
  std::shared_ptr<WatchHub> hub_;
  std::unique_ptr<Caretaker> caretaker_;
  std::unique_ptr<SqliteWriter> writer_;
};

Result<void> SqliteStore::Start(Retention retention) {
  hub_ = WatchHub::Start([this](Revision from) { return ReadLog(from); });
  caretaker_ = std::make_unique<Caretaker>(
      Caretaker::Duties{.end_lease = [this](LeaseId lease) { EndLease(lease); },
                        .compact = [this](Revision revision) { ForgetHistory(revision); },
                        .checkpoint = [this] { Checkpoint(); }},
      retention);
  writer_ = TRY(SqliteWriter::Start(path_, [this](Revision revision) { Announce(revision); }));
  hub_->Advance(writer_->durable());
  SqliteReader reader = TRY(SqliteReader::Open(path_));
  for (const auto& lease : TRY(reader.ReadLeases())) caretaker_->AddLease(lease.id, lease.ttl);
  caretaker_->Start();
  return {};
}

SqliteStore::~SqliteStore() {
  // The caretaker submits to the writer, which still has to tell caretaker and hub of what it has
  // been given; and handlers may call the store until the hub has stopped.
  caretaker_->Stop();
  hub_->Stop();
  writer_.reset();
}

void SqliteStore::Commit(Transaction transaction, Done done) {
  if (const Result<void> valid = Validate(transaction); !valid) {
    // Through the queue, for its turn.
    return writer_->Submit(
        {.work = [error = valid.error()](auto&) -> Result<TransactionResult> { return error; },
         .done = std::move(done)});
  }
  const size_t size = SizeOf(transaction);
  writer_->Submit({.work = [transaction = std::move(transaction)](
                               SqliteApplier& applier) { return applier.Apply(transaction); },
                   .done = std::move(done),
                   .size = size});
}

Result<RangeResult> SqliteStore::Range(const RangeRequest& request) {
  TRY(Validate(request.range));
  return readers_.Range(request);
}

std::unique_ptr<Watch> SqliteStore::WatchFrom(KeyRange range, Revision revision, OnEvents handler) {
  const Revision from = revision == 0 ? writer_->durable() + 1 : revision;
  return hub_->Add(std::move(range), from, std::move(handler));
}

Result<LeaseId> SqliteStore::GrantLease(std::chrono::seconds ttl) {
  if (ttl < std::chrono::seconds(1) || ttl > kMaxTtl) {
    return Error(fmt::format("a lease of {} s is not possible, only 1 to {} s", ttl.count(),
                             kMaxTtl.count()),
                 EINVAL);
  }
  const LeaseId lease = RandomLeaseId();
  TRY(writer_->SubmitAndWait(
      [lease, ttl](SqliteApplier& applier) { return applier.AddLease(lease, ttl); }));
  caretaker_->AddLease(lease, ttl);
  return lease;
}

Result<void> SqliteStore::KeepLeaseAlive(LeaseId lease) {
  if (caretaker_->KeepLeaseAlive(lease)) return {};
  return Error(fmt::format("lease {:x} does not exist, or has ended", lease), ENOENT);
}

Result<void> SqliteStore::RevokeLease(LeaseId lease) {
  TRY(writer_->SubmitAndWait(
      [lease](SqliteApplier& applier) { return applier.RemoveLease(lease); }));
  caretaker_->RemoveLease(lease);
  return {};
}

Result<void> SqliteStore::Compact(Revision revision) {
  TRY(writer_->SubmitAndWait(writer_->Compaction(revision)));
  return {};
}

Result<LogPart> SqliteStore::ReadLog(Revision from) {
  if (!log_reader_) log_reader_ = TRY(SqliteReader::Open(path_));
  return log_reader_->ReadLog(from);
}

void SqliteStore::Announce(Revision revision) {
  hub_->Advance(revision);
  caretaker_->Committed(revision);
}

void SqliteStore::EndLease(LeaseId lease) {
  writer_->Submit({.work = [lease](SqliteApplier& applier) { return applier.RemoveLease(lease); },
                   .done =
                       [this, lease](const Result<TransactionResult>& result) {
                         if (result || result.error().Is(ENOENT)) {
                           caretaker_->RemoveLease(lease);
                         } else {
                           log::Warning("end lease {:x}: {}", lease, result.error().message());
                         }
                       }});
}

void SqliteStore::ForgetHistory(Revision revision) {
  writer_->Submit(
      {.work = writer_->Compaction(revision), .done = [](const Result<TransactionResult>& result) {
         if (!result) log::Warning("forget old revisions: {}", result.error().message());
       }});
}

/// PASSIVE: as far as it goes without keeping anyone waiting.
void SqliteStore::Checkpoint() {
  const Result<void> outcome = [&]() -> Result<void> {
    if (!checkpointer_) checkpointer_ = TRY(OpenStoreFileForReading(path_));
    return checkpointer_->Execute("PRAGMA wal_checkpoint(PASSIVE)");
  }();
  if (!outcome) log::Warning("checkpoint: {}", outcome.error().message());
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, Retention retention) {
  UniqueFd lock = TRY(LockStore(path));
  auto store = std::make_unique<SqliteStore>(path, std::move(lock));
  TRY(store->Start(retention).Context("scheduler's store"));
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path) {
  return OpenSqliteStore(path, Retention{});
}

}  // namespace berth::scheduler
