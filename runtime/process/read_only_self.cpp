#include "runtime/process/read_only_self.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/sys.h"

namespace berth::runtime {

Result<UniqueFd> ReadOnlyProgram(const std::string& path) {
  UniqueFd program = TRY(sys::OpenTree(AT_FDCWD, path, OPEN_TREE_CLONE));
  TRY(sys::MountSetAttr(program.get(), false, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE));
  return program;
}

namespace {

// A container of a caller without rights over mounts has at most that caller's rights over files.
Result<bool> IsOutOfReach(int self) {
  const int seals = ::fcntl(self, F_GET_SEALS);
  if (seals >= 0 && (seals & F_SEAL_WRITE) != 0) return true;
  struct stat info;
  if (::fstat(self, &info) < 0) return ErrnoError("stat /proc/self/exe");
  return info.st_uid != ::geteuid() &&
         ::faccessat(AT_FDCWD, "/proc/self/exe", W_OK, AT_EACCESS) < 0;
}

Result<UniqueFd> SealedCopy(int self) {
  UniqueFd copy(::memfd_create("berth", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) return ErrnoError("memfd_create");
  constexpr size_t kChunk = size_t{1} << 30;
  ssize_t copied = 0;
  while ((copied = ::sendfile(copy.get(), self, nullptr, kChunk)) > 0) {
  }
  if (copied < 0) return ErrnoError("copy this program");
  if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) <
      0) {
    return ErrnoError("seal the copy of this program");
  }
  return copy;
}

}  // namespace

bool runs_read_only = false;

Result<void> RunFromReadOnlyMount(char** argv, char** envp) {
  if (runs_read_only) return {};
  struct statvfs info;
  if (::statvfs("/proc/self/exe", &info) < 0) return ErrnoError("statvfs /proc/self/exe");
  if ((info.f_flag & ST_RDONLY) != 0) return {};
  auto program = ReadOnlyProgram("/proc/self/exe");
  if (!program && program.error().Is(EPERM)) {
    const UniqueFd self = TRY(sys::Open("/proc/self/exe", O_RDONLY));
    if (TRY(IsOutOfReach(self.get()))) return {};
    program = SealedCopy(self.get());
  }
  if (!program) return program.error();
  ::execveat(program->get(), "", argv, envp, AT_EMPTY_PATH);
  return ErrnoError("execute this program where it can't be written to");
}

}  // namespace berth::runtime
