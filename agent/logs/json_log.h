// JsonLog: a container's output on disk, in the format of Docker's json-file driver: one line
// {"log":"text\n","stream":"stdout","time":"RFC 3339"} for each line of output.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::logs {

enum class Stream { kStdout, kStderr };

struct JsonLogOptions {
  std::string path;
  uint64_t max_size = 0;  // bytes after which the file is rotated; 0: never
  int max_files = 1;      // how many there are then: path, path.1, ...
};

/// The writing side: takes output as it comes and splits it into lines. A line longer than 16 KiB
/// is written in parts without line feed, as Docker does.
class JsonLog {
 public:
  static Result<JsonLog> Open(JsonLogOptions options);

  Result<void> Write(Stream stream, std::string_view output);
  /// Writes what has come without a line feed so far: the stream has ended.
  Result<void> Flush(Stream stream);

 private:
  JsonLog(JsonLogOptions options, UniqueFd file, uint64_t size)
      : options_(std::move(options)), file_(std::move(file)), size_(size) {}
  Result<void> Append(const std::string& lines);
  Result<void> Rotate();

  JsonLogOptions options_;
  UniqueFd file_;
  uint64_t size_;
  std::array<std::string, 2> unfinished_;  // by stream
};

}  // namespace berth::agent::logs
