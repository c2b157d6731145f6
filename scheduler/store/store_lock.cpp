#include "scheduler/store/store_lock.h"

#include <sys/file.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth::scheduler {

Result<UniqueFd> LockStore(const std::string& path) {
  const std::string lock_path = path + ".lock";
  UniqueFd lock = TRY(sys::Open(lock_path, O_RDWR | O_CREAT, 0600));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoError("lock {}", lock_path);
    const std::string holder = ReadFile(lock_path).ValueOr("");
    return Error(fmt::format("{} is in use by another scheduler{}; one at a time can have it", path,
                             holder.empty() ? "" : fmt::format(" (process {})", holder)),
                 EBUSY);
  }
  // The number is for people alone: a full disk must not keep the scheduler from starting.
  if (::ftruncate(lock.get(), 0) == 0) {
    (void)sys::WriteAll(lock.get(), std::to_string(::getpid())).has_value();
  }
  return lock;
}

}  // namespace berth::scheduler
