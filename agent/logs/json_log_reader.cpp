#include "agent/logs/json_log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json_reader.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::logs {
namespace {

Result<LogEntry> ParseEntry(std::string_view line) {
  const Json document = TRY(ParseJson(line));
  JsonProblems problems;
  const JsonReader in(document, problems);
  LogEntry entry;
  std::string stream;
  std::string time;
  in.Require("log", entry.text);
  in.Require("stream", stream);
  in.Require("time", time);
  TRY(problems.Check());
  entry.time = TRY(ParseTime(time));
  entry.stream = stream == "stderr" ? Stream::kStderr : Stream::kStdout;
  return entry;
}

Result<bool> SameFile(int fd, const std::string& path) {
  struct stat open_file;
  struct stat named_file;
  if (::fstat(fd, &open_file) < 0) return ErrnoError("stat");
  if (::stat(path.c_str(), &named_file) < 0) return false;
  return open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
}

}  // namespace

Result<std::vector<LogEntry>> JsonLogReader::Next() {
  std::vector<LogEntry> entries;
  if (!started_) {
    started_ = true;
    TRY(ReadRotated(entries));
  }
  for (;;) {
    if (!file_) {
      auto opened = sys::Open(path_, O_RDONLY);
      if (!opened && opened.error().Is(ENOENT)) return entries;
      file_ = TRY(std::move(opened));
    }
    // Asked before reading: if it is another file by then, all of this one was there to be read.
    const bool current = TRY(SameFile(file_.get(), path_));
    TRY(ReadOpenFile(entries));
    if (current) return entries;
    file_.Reset();
    unfinished_.clear();
  }
}

Result<void> JsonLogReader::ReadRotated(std::vector<LogEntry>& entries) {
  int oldest = 0;
  while (Exists(fmt::format("{}.{}", path_, oldest + 1))) ++oldest;
  for (; oldest > 0; --oldest) {
    file_ = TRY(sys::Open(fmt::format("{}.{}", path_, oldest), O_RDONLY));
    TRY(ReadOpenFile(entries));
  }
  file_.Reset();
  return {};
}

Result<void> JsonLogReader::ReadOpenFile(std::vector<LogEntry>& entries) {
  std::array<char, 8 * 1024> buffer;
  for (;;) {
    const size_t size = TRY(sys::Read(file_.get(), buffer));
    if (size == 0) return {};
    unfinished_.append(buffer.data(), size);
    size_t start = 0;
    for (size_t end; (end = unfinished_.find('\n', start)) != std::string::npos; start = end + 1) {
      const std::string_view line = std::string_view(unfinished_).substr(start, end - start);
      entries.push_back(TRY(ParseEntry(line).Context("{}", path_)));
    }
    unfinished_.erase(0, start);
  }
}

}  // namespace berth::agent::logs
