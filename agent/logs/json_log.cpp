#include "agent/logs/json_log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/sys.h"
#include "base/time.h"

namespace berth::agent::logs {
namespace {

constexpr size_t kLongestLine = 16 * 1024;

std::string Line(Stream stream, std::string_view text) {
  return fmt::format("{{\"log\":{},\"stream\":\"{}\",\"time\":\"{}\"}}\n", QuoteJson(text),
                     stream == Stream::kStdout ? "stdout" : "stderr", FormatTime(Now()));
}

Result<UniqueFd> OpenForAppend(const std::string& path) {
  return sys::Open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0640);
}

}  // namespace

Result<JsonLog> JsonLog::Open(JsonLogOptions options) {
  UniqueFd file = TRY(OpenForAppend(options.path));
  struct stat info;
  if (::fstat(file.get(), &info) < 0) return ErrnoError("stat {}", options.path);
  return JsonLog(std::move(options), std::move(file), static_cast<uint64_t>(info.st_size));
}

Result<void> JsonLog::Write(Stream stream, std::string_view output) {
  std::string& unfinished = unfinished_[static_cast<size_t>(stream)];
  std::string lines;
  while (!output.empty()) {
    const size_t line_feed = output.find('\n');
    const size_t rest = line_feed == std::string_view::npos ? output.size() : line_feed + 1;
    const size_t taken = std::min(rest, kLongestLine - unfinished.size());
    unfinished += output.substr(0, taken);
    output.remove_prefix(taken);
    if (unfinished.back() == '\n' || unfinished.size() == kLongestLine) {
      lines += Line(stream, unfinished);
      unfinished.clear();
    }
  }
  return Append(lines);
}

Result<void> JsonLog::Flush(Stream stream) {
  std::string& unfinished = unfinished_[static_cast<size_t>(stream)];
  if (unfinished.empty()) return {};
  const std::string line = Line(stream, unfinished);
  unfinished.clear();
  return Append(line);
}

Result<void> JsonLog::Append(const std::string& lines) {
  if (lines.empty()) return {};
  if (options_.max_size > 0 && size_ > 0 && size_ + lines.size() > options_.max_size) {
    TRY(Rotate());
  }
  TRY(sys::WriteAll(file_.get(), lines).Context("{}", options_.path));
  size_ += lines.size();
  return {};
}

Result<void> JsonLog::Rotate() {
  const auto numbered = [&](int number) {
    return number == 0 ? options_.path : fmt::format("{}.{}", options_.path, number);
  };
  for (int number = options_.max_files - 1; number > 0; --number) {
    auto renamed = sys::Rename(numbered(number - 1), numbered(number));
    if (!renamed && !renamed.error().Is(ENOENT)) return renamed;
  }
  if (options_.max_files <= 1) TRY(sys::Unlink(options_.path));
  file_ = TRY(OpenForAppend(options_.path));
  size_ = 0;
  return {};
}

}  // namespace berth::agent::logs
