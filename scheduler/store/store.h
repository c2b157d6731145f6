// Store: where everything the scheduler knows is kept, with the contract of etcd v3
// (etcd.io/docs/v3.5/learning/api): keys with versions, transactions of many keys, watches from a
// revision, leases, compaction.
//
// Every engine passes the same conformance suite (store_conformance.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::scheduler {

/// Every transaction that changes something has the next one; all of its changes share it.
using Revision = int64_t;
using LeaseId = int64_t;  // 0: none

struct KeyValue {
  std::string key;
  std::string value;
  Revision create_revision = 0;
  Revision mod_revision = 0;
  int64_t version = 0;  // 1 when created, one more with each put
  LeaseId lease = 0;

  bool operator==(const KeyValue&) const = default;
};

/// Keys from `first` up to and without `last`. An empty `last` means the one key `first`; a single
/// NUL byte, all keys from `first` on.
struct KeyRange {
  std::string first;
  std::string last;

  static KeyRange One(std::string key) { return {std::move(key), ""}; }
  /// All keys that start with it; every key if it is empty.
  static KeyRange Prefix(std::string_view prefix);

  bool Contains(std::string_view key) const;
};

struct Compare {
  enum class Target { kVersion, kCreateRevision, kModRevision, kValue, kLease };
  enum class Relation { kEqual, kNotEqual, kLess, kGreater };

  std::string key;
  Target target = Target::kModRevision;
  Relation relation = Relation::kEqual;
  int64_t number = 0;  // of a key that is not there, versions and revisions are 0
  std::string value;   // kValue; a key that is not there compares as false

  static Compare Absent(std::string key) { return {.key = std::move(key)}; }
  static Compare Unchanged(const KeyValue& known) {
    return {.key = known.key, .number = known.mod_revision};
  }
};

struct Operation {
  enum class Kind { kPut, kDelete, kRange };

  Kind kind = Kind::kPut;
  KeyRange range;  // kPut: one key
  std::string value;
  LeaseId lease = 0;

  static Operation Put(std::string key, std::string value, LeaseId lease = 0) {
    return {Kind::kPut, KeyRange::One(std::move(key)), std::move(value), lease};
  }
  static Operation Delete(KeyRange range) { return {Kind::kDelete, std::move(range), "", 0}; }
  static Operation Range(KeyRange range) { return {Kind::kRange, std::move(range), "", 0}; }
};

/// If all comparisons hold `then` is done, else `otherwise`: as one, or not at all.
struct Transaction {
  std::vector<Compare> compares;
  std::vector<Operation> then;
  std::vector<Operation> otherwise;
};

// Limits of every engine. etcd has none for keys; to go beyond 128 operations and 1.5 MiB it needs
// --max-txn-ops and --max-request-bytes, and warns above 10 MiB.
inline constexpr size_t kMaxKeySize = 1'536;             // bytes; and at least one
inline constexpr size_t kMaxValueSize = 1'536 * 1'024;   // bytes
inline constexpr size_t kMaxOperations = 10'000;         // of each branch; and so many comparisons
inline constexpr size_t kMaxTransactionSize = 10 << 20;  // bytes, of all its keys and values

struct OperationResult {
  int64_t deleted = 0;          // kDelete
  std::vector<KeyValue> found;  // kRange, sorted by key
};

struct TransactionResult {
  bool succeeded = false;  // the comparisons held
  Revision revision = 0;   // of the store after it
  std::vector<OperationResult> results;
};

struct RangeRequest {
  KeyRange range;
  Revision revision = 0;  // as of then; 0: now
  size_t limit = 0;       // 0: all
};

struct RangeResult {
  std::vector<KeyValue> found;  // sorted by key
  bool more = false;            // the limit cut it short
  Revision revision = 0;        // of the store when it was read
};

struct Event {
  enum class Kind { kPut, kDelete };

  Kind kind = Kind::kPut;
  KeyValue now;  // of a deletion: key and mod_revision alone

  bool operator==(const Event&) const = default;
};

/// The events of one transaction, in the order of its operations.
struct EventBatch {
  Revision revision = 0;
  std::vector<Event> events;
};

/// A watch under way. Letting go of it ends it; when the destructor returns no handler runs and
/// none will.
class Watch {
 public:
  virtual ~Watch() = default;
};

/// The revisions asked for are no longer kept: read everything anew and watch from there.
inline constexpr int kCompacted = ESTALE;

class Store {
 public:
  virtual ~Store() = default;

  using Done = std::function<void(Result<TransactionResult>)>;
  /// Returns at once; `done` is called on a thread of the engine's when the transaction survives a
  /// power cut, in the order of the calls. Transactions that are waiting become durable together.
  /// After a failure (disk full, ...) nothing of the transaction has happened. A put with a lease
  /// that is not there fails with ENOENT; one key put twice, or put and deleted, in one branch, and
  /// what is beyond the limits above, with EINVAL.
  /// `done` holds up all transactions behind it, so it must not wait for one (CommitAndWait,
  /// GrantLease, RevokeLease, Compact).
  virtual void Commit(Transaction transaction, Done done) = 0;

  /// Reads what is durable; linearizable with Commit's `done`. Blocks on the disk.
  /// Errors: kCompacted, or EINVAL for a revision to come.
  virtual Result<RangeResult> Range(const RangeRequest& request) = 0;

  using OnEvents = std::function<void(Result<EventBatch>)>;
  /// Calls back with every batch that changes keys in `range`, from `revision` on (those of the
  /// past first), in order, none left out, on a thread of the engine's. An error is the last call.
  /// Revision 0: from the next one on.
  virtual std::unique_ptr<Watch> WatchFrom(KeyRange range, Revision revision, OnEvents handler) = 0;

  /// A lease that ends unless it is kept alive within `ttl` (a second or more); the keys put with
  /// it are then deleted. It lives through a restart of the store, with its full `ttl` ahead again.
  virtual Result<LeaseId> GrantLease(std::chrono::seconds ttl) = 0;
  /// ENOENT if it has ended.
  virtual Result<void> KeepLeaseAlive(LeaseId lease) = 0;
  virtual Result<void> RevokeLease(LeaseId lease) = 0;

  /// Forgets what was before `revision`: its history can no longer be read or watched. What has
  /// been forgotten already is no error, a revision to come is EINVAL. Engines also do so by
  /// themselves.
  virtual Result<void> Compact(Revision revision) = 0;

  /// Commit, and waits for it. For tools and tests; never on an event loop.
  Result<TransactionResult> CommitAndWait(Transaction transaction);
};

/// The embedded engine: one SQLite file, used by one process at a time (the second to open it fails
/// with EBUSY).
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path);

}  // namespace berth::scheduler
