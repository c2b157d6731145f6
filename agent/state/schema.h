// The tables of the agent's database, and the way from older ones.
#pragma once

#include "base/result.h"
#include "base/sqlite/database.h"

namespace berth::agent {

/// Makes the tables of a new database, or changes those of an older Berth to what they are now,
/// rows and all, in one transaction. Refuses what a later one has written.
Result<void> BringUpToDate(Database& database);

}  // namespace berth::agent
