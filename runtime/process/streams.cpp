#include "runtime/process/streams.h"

#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "base/fd_passing.h"
#include "base/sys.h"
#include "runtime/mounts/in_root.h"

namespace berth::runtime {
namespace {

// Also in a running container, where anything may stand at that name by now: never blocks, and is
// only used if it is the device.
Result<UniqueFd> OpenNull(int root) {
  UniqueFd null =
      TRY(OpenInRoot(root, "dev/null", O_RDWR | O_NONBLOCK | O_NOCTTY, Symlinks::kRefuse));
  TRY(CheckNullDevice(null.get()));
  return null;
}

bool IsNull(int fd) { return CheckNullDevice(fd).has_value(); }

// One that another is put in the place of before it is looked at.
bool Overlaps(const std::array<int, 3>& fds, size_t i) { return fds[i] < static_cast<int>(i); }

Result<void> Place(std::array<int, 3> fds) {
  std::array<UniqueFd, 3> safe;
  for (size_t i = 0; i < fds.size(); ++i) {
    if (!Overlaps(fds, i)) continue;
    safe[i] = TRY(sys::Dup(fds[i]));
    fds[i] = safe[i].get();
  }
  for (size_t i = 0; i < fds.size(); ++i) {
    const auto place = static_cast<int>(i);
    if (fds[i] != place && ::dup2(fds[i], place) < 0) return ErrnoError("dup2");
  }
  return {};
}

}  // namespace

Result<void> GivePipesTo(const Stdio& stdio, uint32_t uid) {
  for (const int fd : {stdio.in, stdio.out, stdio.err}) {
    struct stat info;
    if (fd < 0 || ::fstat(fd, &info) < 0 || !S_ISFIFO(info.st_mode) || info.st_uid == uid) continue;
    if (::fchown(fd, uid, static_cast<gid_t>(-1)) == 0) continue;
    // Without privilege, and of somebody who has no id here: the program can use it, but not open
    // it anew.
    if (errno != EPERM && errno != EINVAL) return ErrnoError("give pipe {} to uid {}", fd, uid);
  }
  return {};
}

Result<void> ConnectStdio(int root, const Stdio& stdio) {
  std::array<int, 3> fds = {stdio.in, stdio.out, stdio.err};
  UniqueFd null;
  for (int& fd : fds) {
    if (fd >= 0 && !IsNull(fd)) continue;
    if (!null) {
      auto opened = OpenNull(root);
      if (!opened && fd >= 0) continue;  // a container without the device
      null = TRY(std::move(opened));
    }
    fd = null.get();
  }
  return Place(fds);
}

Result<UniqueFd> MakeTerminal(int root, int console_socket, const Process& process) {
  if (console_socket < 0) return MakeError("process.terminal needs a console socket");
  const UniqueFd master =
      TRY(OpenInRoot(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY, Symlinks::kRefuse));
  struct statfs info;
  if (::fstatfs(master.get(), &info) < 0) return ErrnoError("statfs /dev/pts/ptmx");
  if (info.f_type != DEVPTS_SUPER_MAGIC) return MakeError("/dev/pts is not a devpts mount");
  const int unlocked = 0;
  if (::ioctl(master.get(), TIOCSPTLCK, &unlocked) < 0) return ErrnoError("unlock terminal");
  // The other side by the master's descriptor: its name in /dev/pts proves nothing
  // (CVE-2025-52565).
  UniqueFd terminal(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) return ErrnoError("open terminal");
  if (process.consoleSize) {
    const winsize size = {.ws_row = static_cast<unsigned short>(process.consoleSize->height),
                          .ws_col = static_cast<unsigned short>(process.consoleSize->width)};
    if (::ioctl(master.get(), TIOCSWINSZ, &size) < 0) return ErrnoError("set terminal size");
  }
  if (::fchown(terminal.get(), process.user.uid, static_cast<gid_t>(-1)) < 0) {
    return ErrnoError("give the terminal to uid {}", process.user.uid);
  }
  const int master_fd = master.get();
  TRY(SendMessage(console_socket, "terminal", {&master_fd, 1}).Context("console socket"));
  return terminal;
}

Result<void> BindConsole(int root, int terminal) {
  const MountPoint place =
      TRY(MakeMountPoint(root, "dev/console", MountPointKind::kFile, Symlinks::kRefuse));
  const UniqueFd copy = TRY(sys::OpenTree(terminal, "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
  return sys::MoveMount(copy.get(), place.fd.get());
}

Result<void> ConnectTerminal(int terminal) {
  if (::ioctl(terminal, TIOCSCTTY, 0) < 0) return ErrnoError("take the controlling terminal");
  return Place({terminal, terminal, terminal});
}

}  // namespace berth::runtime
