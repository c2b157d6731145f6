// The file of the embedded engine: its tables, and how it is opened.
#pragma once

#include "base/sqlite/database.h"
#include "scheduler/store/store.h"

namespace berth::scheduler {

/// Where a change stands in the log: its revision, and below that which change of it.
using Position = int64_t;

inline constexpr int kPositionBits = 20;  // leaves 43 for revisions: 10,000 a second for 27 years
inline constexpr int64_t kMaxChanges = int64_t{1} << kPositionBits;  // of one revision

constexpr Position FirstPosition(Revision revision) { return revision << kPositionBits; }
constexpr Revision RevisionOf(Position position) { return position >> kPositionBits; }

/// The revision of a store that nothing has been written to, as in etcd.
inline constexpr Revision kFirstRevision = 1;

/// Opens the file for the one who writes; makes it, for its owner alone, if it is not there. Errors
/// say if it is damaged, another program's, or a later version's.
Result<Database> OpenStoreFile(const std::string& path);

/// Another connection to a file that is open.
Result<Database> OpenStoreFileForReading(const std::string& path);

}  // namespace berth::scheduler
