#include "runtime/checkpoint/criu.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/fd_passing.h"
#include "base/files.h"
#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::runtime {
namespace {

constexpr size_t kMostOfResponse = 64 << 10;
constexpr size_t kMostErrors = 3;

Result<std::string> FindCriu() {
  const char* path = ::getenv("PATH");
  for (const std::string& directory : Split(path != nullptr ? path : "/usr/sbin:/usr/bin", ':')) {
    std::string file = (directory.empty() ? "." : directory) + "/criu";
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return Error("there is no criu in PATH: install Debian's package criu", ENOENT);
}

std::string Written(int file) {
  if (::lseek(file, 0, SEEK_SET) < 0) return "";
  return std::string(Trim(ReadAll(file).ValueOr("")));
}

// "(00.012345)    123: Error (criu/mount.c:1): ..." from the E on.
std::string_view WithoutStamp(std::string_view line) {
  const size_t error = line.find("Error (");
  return line.substr(error == std::string_view::npos ? 0 : error);
}

// Closed, too, by one that is gone and has left our last words unread.
Result<FdMessage> ReceiveFromCriu(int socket) {
  auto message = ReceiveMessage(socket, kMostOfResponse);
  if (message || !message.error().Is(ECONNRESET)) return std::move(message).Context("criu");
  FdMessage end;
  end.closed = true;
  return end;
}

std::string OneLine(const std::string& text) { return Join(Split(text, '\n'), "; "); }

}  // namespace

std::string ErrorsInCriuLog(std::string_view log) {
  std::vector<std::string> errors;
  for (const std::string& line : Split(log, '\n')) {
    if (line.find("Error (") == std::string::npos) continue;
    std::string error(Trim(WithoutStamp(line)));
    if (std::find(errors.begin(), errors.end(), error) == errors.end()) {
      errors.push_back(std::move(error));
    }
    if (errors.size() == kMostErrors) break;
  }
  return Join(errors, "; ");
}

Result<Criu> Criu::Start(const CriuProgram& program) {
  const std::string path = TRY(FindCriu());
  auto [mine, its] = TRY(sys::SocketPair(SOCK_SEQPACKET));
  UniqueFd words(::memfd_create("criu-words", MFD_CLOEXEC));
  if (!words) return ErrnoError("memfd_create");
  Command command = {.argv = {path, "swrk", std::to_string(its.get())},
                     .in = program.in,
                     .out = program.out,
                     .err = words.get(),
                     .keep = program.keep,
                     .cgroup_fd = program.cgroup_fd};
  command.keep.push_back(its.get());
  Pidfd process = TRY(Spawn(command));
  return Criu(std::move(process), std::move(mine), std::move(words));
}

Criu::~Criu() {
  if (!process_) return;
  socket_.Reset();
  static_cast<void>(process_.Signal(SIGKILL));
  static_cast<void>(process_.Reap());
}

Error Criu::Failure(const CriuTask& task, const std::string& what) const {
  std::string why = ErrorsInCriuLog(ReadFile(task.log).ValueOr(""));
  if (why.empty()) why = OneLine(Written(words_.get()));
  if (why.empty()) why = what;
  const char* log = Exists(task.log) ? "its log is" : "it wrote no log to";
  return MakeError("criu: {} ({} {})", why, log, task.log);
}

Result<void> Criu::Notify(const CriuTask& task, const CriuNotification& notification) {
  log::Debug("criu: {} of process {}", notification.script, notification.pid);
  auto done = task.notified ? task.notified(notification) : Result<void>();
  const auto told = SendMessage(socket_.get(), EncodeCriuNotified(done.has_value()));
  if (!done) return done;
  return told ? Result<void>() : Failure(task, told.error().message());
}

// Up to the answer. A notification whose handling failed is answered so, and CRIU undoes what it
// has done; what it says then is of less use than the failure.
Result<CriuResponse> Criu::Converse(const CriuTask& task) {
  Result<void> handled;
  if (auto sent = SendMessage(socket_.get(), EncodeCriuRequest(task.type, task.options)); !sent) {
    return Failure(task, sent.error().message());
  }
  for (;;) {
    FdMessage message = TRY(ReceiveFromCriu(socket_.get()));
    if (message.closed) {
      TRY(std::move(handled));
      return Failure(task, "it ended without an answer");
    }
    CriuResponse response = TRY(ParseCriuResponse(message.bytes));
    if (response.Is(CriuRequestType::kNotify)) {
      auto done = Notify(task, {.script = std::move(response.script),
                                .pid = response.script_pid,
                                .fds = std::move(message.fds)});
      if (handled) handled = std::move(done);
      continue;
    }
    TRY(std::move(handled));
    if (response.success) return response;
    const std::string& words = response.cr_errmsg;
    return Failure(task, words.empty() ? ErrnoMessage(response.cr_errno) : words);
  }
}

Result<CriuResponse> Criu::Do(const CriuTask& task) {
  auto response = Converse(task);
  if (!response) return response;
  ::shutdown(socket_.get(), SHUT_WR);  // no further request
  const ExitStatus status = TRY(process_.Reap());
  process_ = Pidfd();
  if (status.code != 0) return Failure(task, fmt::format("exit code {}", status.code));
  return response;
}

}  // namespace berth::runtime
