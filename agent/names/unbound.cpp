#include "agent/names/unbound.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/names/unbound_config.h"
#include "base/files.h"
#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::names {
namespace {

constexpr const char* kConfigFile = "unbound.conf";
constexpr const char* kZoneFile = "names.zone";
constexpr const char* kControlSocket = "control";
// An unbound that has not answered for so long never will.
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kLookAgain{5};

Result<UniqueFd> OpenOwnDirectory(const std::string& path) {
  TRY(sys::MakeDirectories(path, 0755));
  UniqueFd directory =
      TRY(sys::OpenAt2(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_SYMLINKS));
  struct stat status {};
  if (::fstat(directory.get(), &status) < 0) return ErrnoError("stat {}", path);
  if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return MakeError("{} is not root's alone: remove it", path);
  }
  return directory;
}

Result<UniqueFd> ConnectControlSocket(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  const timeval patience = {.tv_sec = kPatience.count(), .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path) return MakeError("{} is too long", path);
  path.copy(address.sun_path, path.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return ErrnoError("connect to unbound");
  }
  return socket;
}

}  // namespace

Result<Unbound> Unbound::Prepare(Place place) {
  if (::access(place.program.c_str(), X_OK) < 0) return ErrnoError("{}", place.program);
  UniqueFd directory = TRY(OpenOwnDirectory(place.directory));
  Unbound made(std::move(place), std::move(directory));
  TRY(made.EndLeftOne().Context("end the unbound of an agent before"));
  made.Clear();
  return made;
}

std::string Unbound::InDirectory(std::string_view name) const {
  return fmt::format("/proc/self/fd/{}/{}", directory_.get(), name);
}

Result<void> Unbound::Start(std::string_view zone, const std::vector<std::string>& upstreams) {
  TRY(ReplaceFile(InDirectory(kZoneFile), zone));
  TRY(ReplaceFile(InDirectory(kConfigFile), UnboundConfig({.directory = place_.directory,
                                                           .zone = kZoneFile,
                                                           .control = kControlSocket,
                                                           .domain = place_.domain,
                                                           .upstreams = upstreams})));
  TRY(sys::Unlink(InDirectory(kControlSocket)));
  process_ = TRY(
      Spawn({.argv = {place_.program, "-c", fmt::format("{}/{}", place_.directory, kConfigFile)},
             .err = STDERR_FILENO}));
  auto answers = AwaitAnswer();
  if (!answers) End();
  return std::move(answers).Context("start unbound");
}

Result<void> Unbound::AwaitAnswer() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const Result<void> answers = Check();
    if (answers) return {};
    if (TRY(process_.WaitForEnd(kLookAgain))) return MakeError("it has ended at once");
    if (std::chrono::steady_clock::now() > deadline) return answers;
  }
}

Result<std::string> Unbound::Ask(const std::string& command) const {
  const UniqueFd socket = TRY(ConnectControlSocket(InDirectory(kControlSocket)));
  // The version of the protocol, then the command (unbound-control(8)).
  TRY(sys::WriteAll(socket.get(), fmt::format("UBCT1 {}\n", command)));
  return ReadAll(socket.get());
}

Result<void> Unbound::Tell(const std::string& command) const {
  const std::string answer = TRY(Ask(command).Context("tell unbound {}", command));
  if (answer == "ok\n") return {};
  return MakeError("tell unbound {}: {}", command, Trim(answer));
}

Result<void> Unbound::SetZone(std::string_view zone) {
  TRY(ReplaceFile(InDirectory(kZoneFile), zone));
  return Tell("auth_zone_reload " + place_.domain);
}

Result<void> Unbound::SetUpstreams(const std::vector<std::string>& upstreams) {
  return Tell("forward_add . " + Join(upstreams, " "));
}

Result<void> Unbound::Check() {
  const std::string answer = TRY(Ask("status"));
  if (answer.find("is running") != std::string::npos) return {};
  return MakeError("unbound says: {}", Trim(answer));
}

void Unbound::End() {
  if (!process_) return;
  (void)process_.Signal(SIGTERM);
  if (!process_.WaitForEnd(kPatience).ValueOr(false)) (void)process_.Signal(SIGKILL);
  (void)process_.Reap();
  process_ = Pidfd();
}

// It is nobody's child any more, but still has the address.
Result<void> Unbound::EndLeftOne() const {
  const auto asked = Ask("stop");
  if (!asked) return {};  // nobody there
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (ConnectControlSocket(InDirectory(kControlSocket))) {
    if (std::chrono::steady_clock::now() > deadline) return MakeError("it does not end");
    ::usleep(5000);
  }
  return {};
}

void Unbound::Clear() {
  for (const std::string& name :
       ListDirectory(fmt::format("/proc/self/fd/{}", directory_.get())).ValueOr({})) {
    const auto removed = sys::Unlink(InDirectory(name));
    if (!removed) log::Warning("{}", removed.error().message());
  }
}

}  // namespace berth::agent::names
