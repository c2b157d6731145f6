#include "runtime/process/read_only_self.h"

#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/sys.h"

namespace berth::runtime {

Result<UniqueFd> ReadOnlyProgram(const std::string& path) {
  UniqueFd program = TRY(sys::OpenTree(AT_FDCWD, path, OPEN_TREE_CLONE));
  TRY(sys::MountSetAttr(program.get(), false, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE));
  return program;
}

Result<void> RunFromReadOnlyMount(char** argv, char** envp) {
  struct statvfs info;
  if (::statvfs("/proc/self/exe", &info) < 0) return ErrnoError("statvfs /proc/self/exe");
  if ((info.f_flag & ST_RDONLY) != 0) return {};
  const UniqueFd self = TRY(ReadOnlyProgram("/proc/self/exe"));
  ::execveat(self.get(), "", argv, envp, AT_EMPTY_PATH);
  return ErrnoError("execute this program from a read-only mount");
}

}  // namespace berth::runtime
