#include "agent/shim/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/sys.h"

namespace berth::agent::shim {

Result<void> Journal::Make(const std::string& path) {
  constexpr off_t kRoom = 16 << 10;
  const UniqueFd file = TRY(sys::Open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
  // Some file systems can't; then there is no promise.
  if (::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, kRoom) < 0 && errno != EOPNOTSUPP) {
    return ErrnoError("reserve {} bytes for {}", kRoom, path);
  }
  return {};
}

Result<Journal> Journal::Open(const std::string& path) {
  return Journal(TRY(sys::Open(path, O_WRONLY | O_CREAT | O_APPEND, 0640)));
}

Result<void> Journal::Append(const Event& event) {
  const off_t end = ::lseek(file_.get(), 0, SEEK_END);
  auto written = sys::WriteAll(file_.get(), FormatEvent(event)).Context("write the event journal");
  // What a full disk took of the line must not spoil the next one.
  if (!written && ::ftruncate(file_.get(), end) < 0) return ErrnoError("cut the event journal");
  return written;
}

}  // namespace berth::agent::shim
