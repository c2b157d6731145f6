// FaultyVfs: SQLite's files with a disk that fails when a test says so.
#pragma once

#include <sqlite3.h>

namespace berth::scheduler {

/// While it lives every file that SQLite opens goes through it. One at a time, and to be made
/// before the first of them is opened.
class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();

  /// fsync(2) fails with EIO from now on, though what was written can be read: after a crash of the
  /// process it is there, after one of the machine perhaps.
  void FailSyncs();
  void Recover();

  /// So far, of files of any kind.
  static int syncs();

 private:
  sqlite3_vfs vfs_;
};

}  // namespace berth::scheduler
