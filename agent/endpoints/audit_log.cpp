#include "agent/endpoints/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"

namespace berth::agent::endpoints {
namespace {

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

/// In quotes, without what could end them, and not endless.
std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 256;
  std::string quoted = "\"";
  for (const char c : text.substr(0, kMost)) {
    const auto code = static_cast<unsigned char>(c);
    const bool harmless = code >= 0x20 && code != 0x7f && c != '"' && c != '\\';
    quoted += harmless ? c : '?';
  }
  return quoted + "\"";
}

}  // namespace

std::string FormatAuditEntry(const AuditEntry& entry) {
  constexpr int kVersion = 2;
  constexpr size_t kSeconds = sizeof "2026-11-22T22:31:16" - 1;
  return fmt::format("{}Z {} {} {} {} {} {} {} {} {}\n", FormatTime(entry.time).substr(0, kSeconds),
                     entry.status, OrDash(entry.client), Quoted(entry.path),
                     Quoted(entry.user_agent), OrDash(entry.task_arn), entry.event, kVersion,
                     OrDash(entry.cluster), OrDash(entry.container_instance_arn));
}

Result<AuditLog> AuditLog::Open(AuditLogOptions options) {
  AuditLog log(std::move(options));
  if (!log.options_.path.empty()) TRY(log.OpenFile().Context("audit log"));
  return log;
}

Result<void> AuditLog::OpenFile() {
  file_ = TRY(sys::Open(options_.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  struct stat status {};
  if (::fstat(file_.get(), &status) < 0) return ErrnoError("stat {}", options_.path);
  size_ = static_cast<uint64_t>(status.st_size);
  return {};
}

Result<void> AuditLog::Rotate() {
  for (int i = options_.max_files - 1; i > 0; --i) {
    const std::string from = i == 1 ? options_.path : fmt::format("{}.{}", options_.path, i - 1);
    const std::string to = fmt::format("{}.{}", options_.path, i);
    if (::rename(from.c_str(), to.c_str()) < 0 && errno != ENOENT) {
      return ErrnoError("rename {}", from);
    }
  }
  if (options_.max_files <= 1 && ::unlink(options_.path.c_str()) < 0) {
    return ErrnoError("remove {}", options_.path);
  }
  return OpenFile();
}

Result<void> AuditLog::Append(const std::string& line) {
  if (!file_) TRY(OpenFile());
  if (size_ > 0 && size_ + line.size() > options_.max_size) TRY(Rotate());
  TRY(sys::WriteAll(file_.get(), line));
  size_ += line.size();
  return {};
}

void AuditLog::Write(const AuditEntry& entry) {
  if (options_.path.empty()) return;
  const Result<void> written = Append(FormatAuditEntry(entry));
  if (!written && !failing_) {
    log::Warning("audit log: {}; requests for credentials go on unrecorded",
                 written.error().message());
  }
  failing_ = !written;
}

}  // namespace berth::agent::endpoints
