#include "systemd/log_to_journal.h"

#include <syslog.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/log.h"
#include "systemd/journal.h"

namespace berth::systemd {
namespace {

int PriorityOf(log::Level level) {
  switch (level) {
    case log::Level::kDebug:
      return LOG_DEBUG;
    case log::Level::kInfo:
      return LOG_INFO;
    case log::Level::kWarning:
      return LOG_WARNING;
    case log::Level::kError:
      return LOG_ERR;
  }
  return LOG_ERR;
}

}  // namespace

void LogToJournal(std::string identifier) {
  if (!IsJournalStream(STDERR_FILENO)) return;
  auto journal = Journal::Connect();
  if (!journal) return;
  // A std::function has to be copied, which a socket can't be.
  auto shared = std::make_shared<Journal>(*std::move(journal));
  log::SetSink([shared, identifier = std::move(identifier)](
                   log::Level level, std::string_view message, const log::Fields& fields) {
    std::vector<JournalField> all = {{.name = "SYSLOG_IDENTIFIER", .value = identifier}};
    for (const auto& [name, value] : fields) all.push_back({.name = name, .value = value});
    shared->Send(PriorityOf(level), message, all);
  });
}

}  // namespace berth::systemd
