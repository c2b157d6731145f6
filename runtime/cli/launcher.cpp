#include "runtime/cli/launcher.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/clone.h"
#include "base/fd_passing.h"
#include "base/sys.h"
#include "runtime/launcher_answer.h"

namespace berth::runtime::cli {
namespace {

[[noreturn]] void BeLauncher(int socket, const std::function<Result<Created>()>& make) {
  const auto told = ReceiveMessage(socket, 1);
  if (!told || told->closed) ::_exit(1);
  ::_exit(SendAnswer(socket, make()) ? 0 : 1);
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
  return ReadAnswer(TRY(std::move(answer)), "in the container's cgroup");
}

}  // namespace berth::runtime::cli
