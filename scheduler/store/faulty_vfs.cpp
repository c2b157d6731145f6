#include "scheduler/store/faulty_vfs.h"

#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>

namespace berth::scheduler {
namespace {

std::atomic<bool> failing = false;
std::atomic<int> sync_count = 0;
sqlite3_vfs* real_vfs = nullptr;
int (*real_sync)(sqlite3_file*, int) = nullptr;

int Sync(sqlite3_file* file, int flags) {
  ++sync_count;
  if (!failing) return real_sync(file, flags);
  errno = EIO;
  return SQLITE_IOERR_FSYNC;
}

/// SQLite has a table of functions for each kind of locking; all have the same xSync.
const sqlite3_io_methods* WithSync(const sqlite3_io_methods* methods) {
  static std::mutex mutex;
  static std::map<const sqlite3_io_methods*, std::unique_ptr<sqlite3_io_methods>> copies;
  const std::lock_guard lock(mutex);
  auto& copy = copies[methods];
  if (!copy) {
    copy = std::make_unique<sqlite3_io_methods>(*methods);
    real_sync = copy->xSync;
    copy->xSync = Sync;
  }
  return copy.get();
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (code == SQLITE_OK && file->pMethods != nullptr) file->pMethods = WithSync(file->pMethods);
  return code;
}

}  // namespace

FaultyVfs::FaultyVfs() {
  real_vfs = ::sqlite3_vfs_find(nullptr);
  vfs_ = *real_vfs;
  vfs_.zName = "berth-faulty";
  vfs_.xOpen = Open;
  ::sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
}

FaultyVfs::~FaultyVfs() {
  Recover();
  ::sqlite3_vfs_unregister(&vfs_);
  ::sqlite3_vfs_register(real_vfs, /*makeDflt=*/1);
}

void FaultyVfs::FailSyncs() { failing = true; }
void FaultyVfs::Recover() { failing = false; }
int FaultyVfs::syncs() { return sync_count; }

}  // namespace berth::scheduler
