// The programs' own messages, in the journal with their fields.
#pragma once

#include <string>

namespace berth::systemd {

/// If standard error is the journal's, messages go to the journal by its own protocol from now on:
/// with their level as PRIORITY, `identifier` as SYSLOG_IDENTIFIER, and the fields of log::Field.
/// Otherwise nothing changes.
void LogToJournal(std::string identifier);

}  // namespace berth::systemd
