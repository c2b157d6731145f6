#include "agent/shim/journal.h"

#include "base/sys.h"

namespace berth::agent::shim {

Result<Journal> Journal::Open(const std::string& path) {
  return Journal(TRY(sys::Open(path, O_WRONLY | O_CREAT | O_APPEND, 0640)));
}

Result<void> Journal::Append(const Event& event) {
  return sys::WriteAll(file_.get(), FormatEvent(event)).Context("write the event journal");
}

}  // namespace berth::agent::shim
