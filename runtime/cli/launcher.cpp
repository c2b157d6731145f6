#include "runtime/cli/launcher.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/clone.h"
#include "base/fd_passing.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::runtime::cli {
namespace {

constexpr size_t kMostOfAnswer = 64 << 10;

// "pid 17" with the descriptor to start it, or "error 2 open x: No such file or directory".
Result<void> Answer(int socket, const Result<Created>& created) {
  if (!created) {
    const Error& error = created.error();
    return SendMessage(socket, fmt::format("error {} {}", error.code(), error.message()));
  }
  const int start = created->start.get();
  return SendMessage(socket, fmt::format("pid {}", created->pid), {&start, 1});
}

[[noreturn]] void BeLauncher(int socket, const std::function<Result<Created>()>& make) {
  const auto told = ReceiveMessage(socket, 1);
  if (!told || told->closed) ::_exit(1);
  ::_exit(Answer(socket, make()) ? 0 : 1);
}

Result<Created> ReadAnswer(FdMessage answer) {
  const std::string_view text = answer.bytes;
  if (text.starts_with("pid ") && answer.fds.size() == 1) {
    const auto pid = ParseInteger<pid_t>(text.substr(4));
    if (pid) return Created{.pid = *pid, .start = std::move(answer.fds[0])};
  }
  if (text.starts_with("error ")) {
    const size_t space = text.find(' ', 6);
    return Error(std::string(text.substr(space + 1)),
                 ParseInteger<int>(text.substr(6, space - 6)).value_or(0));
  }
  return MakeError("the launcher in the container's cgroup has ended without an answer");
}

}  // namespace

Result<Launcher> Launcher::Fork(const std::function<Result<Created>()>& make) {
  auto [mine, its] = TRY(sys::SocketPair(SOCK_SEQPACKET));
  const pid_t pid = TRY(sys::Clone({}));
  if (pid == 0) {
    mine.Reset();
    BeLauncher(its.get(), make);
  }
  return Launcher(pid, std::move(mine));
}

Launcher::Launcher(Launcher&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

Launcher& Launcher::operator=(Launcher&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  return *this;
}

Launcher::~Launcher() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Result<Created> Launcher::Launch() {
  TRY(SendMessage(socket_.get(), "!").Context("tell the launcher"));
  auto answer = ReceiveMessage(socket_.get(), kMostOfAnswer);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  return ReadAnswer(TRY(std::move(answer)));
}

}  // namespace berth::runtime::cli
