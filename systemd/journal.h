// The journal's own protocol, for messages with fields of ours: systemd.journal-fields(7),
// https://systemd.io/JOURNAL_NATIVE_PROTOCOL/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace berth::systemd {

struct JournalField {
  std::string_view name;  // "BERTH_TASK_ID": capitals, digits and underscores, a capital first
  std::string_view value;
};

/// Where messages go to; for any number of threads.
class Journal {
 public:
  /// Nothing if no journal listens at that path.
  static std::optional<Journal> Connect(std::string path = "/run/systemd/journal/socket");

  /// Sends one message, of any size. `priority` is syslog's (LOG_ERR, ... of syslog(3)). Fields
  /// whose names the journal would not take are left out. There is nobody to tell if it fails.
  void Send(int priority, std::string_view message,
            const std::vector<JournalField>& fields = {}) const;

 private:
  Journal(UniqueFd socket, std::string path) : socket_(std::move(socket)), path_(std::move(path)) {}

  UniqueFd socket_;
  std::string path_;
};

/// True if the descriptor is the stream to the journal that systemd gave this process
/// (JOURNAL_STREAM, systemd.exec(5)): for standard error, whether a program should rather `Send`.
bool IsJournalStream(int fd);

}  // namespace berth::systemd
