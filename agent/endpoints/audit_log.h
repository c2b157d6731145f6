// AuditLog: one line for each request for credentials, in the form of the ECS agent's audit log.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace berth::agent::endpoints {

/// What a line tells. Empty fields are written as "-".
struct AuditEntry {
  WallTime time;
  int status = 0;
  std::string client;
  std::string path;  // without the id of credentials
  std::string user_agent;
  std::string task_arn;
  std::string event;  // GetCredentials, GetCredentialsExecutionRole
  std::string cluster;
  std::string container_instance_arn;
};

/// The line with its line feed. What others have written into a field can't end it or the line.
std::string FormatAuditEntry(const AuditEntry& entry);

struct AuditLogOptions {
  std::string path;  // "": no log
  uint64_t max_size = 10 << 20;
  int max_files = 5;  // path, path.1, ...
};

class AuditLog {
 public:
  static Result<AuditLog> Open(AuditLogOptions options);

  /// A line that can't be written is lost; the first of them is told in the program's log.
  void Write(const AuditEntry& entry);

 private:
  explicit AuditLog(AuditLogOptions options) : options_(std::move(options)) {}
  Result<void> Append(const std::string& line);
  Result<void> OpenFile();
  Result<void> Rotate();

  AuditLogOptions options_;
  UniqueFd file_;
  uint64_t size_ = 0;
  bool failing_ = false;
};

}  // namespace berth::agent::endpoints
