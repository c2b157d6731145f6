// JsonLogReader: the reading side of JsonLog, for `berth logs` and the view of `berth run`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/logs/json_log.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace berth::agent::logs {

struct LogEntry {
  WallTime time;
  Stream stream = Stream::kStdout;
  std::string text;  // with its line feed, unless the line is unfinished or longer than 16 KiB
};

/// Reads a container's log from its oldest rotated file on, and can go on as it grows.
class JsonLogReader {
 public:
  /// Nothing has to be there yet.
  explicit JsonLogReader(std::string path) : path_(std::move(path)) {}

  /// What has come since the last call; empty if nothing has. Follows rotation.
  Result<std::vector<LogEntry>> Next();

 private:
  Result<void> ReadRotated(std::vector<LogEntry>& entries);
  Result<void> ReadOpenFile(std::vector<LogEntry>& entries);

  std::string path_;
  UniqueFd file_;
  bool started_ = false;
  std::string unfinished_;
};

}  // namespace berth::agent::logs
