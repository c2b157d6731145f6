#include "agent/shim/journal.h"

#include <unistd.h>

#include "base/sys.h"

namespace berth::agent::shim {

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
