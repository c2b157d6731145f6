// Where berth-runtime begins, before the C library does: a program that is going to execute itself
// again (read_only_self.h) need not be set up first. That spares each container a tenth of its
// launcher's processor time.
//
// Nothing of any library works yet: no thread-local storage and so no errno, no stack protector, no
// functions that are chosen by the processor, as memcpy is. What fails here is left to
// RunFromReadOnlyMount, which finds the reason and other ways.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/raw_call.h"
#include "runtime/process/read_only_self.h"

namespace {

using berth::sys::Address;
using berth::sys::RawCall;

constexpr const char* kSelf = "/proc/self/exe";
constexpr long kPrivate = 1 << 18;  // MS_PRIVATE
constexpr long kReadOnly = 1;       // ST_RDONLY

bool Same(const char* one, const char* other) {
  while (*one != '\0' && *one == *other) ++one, ++other;
  return *one == *other;
}

// The commands that make processes in containers. A word of another command may look like one.
bool Launches(char** argv) {
  for (; *argv != nullptr; ++argv) {
    if (Same(*argv, "run") || Same(*argv, "create") || Same(*argv, "exec") ||
        Same(*argv, "mounts")) {
      return true;
    }
  }
  return false;
}

bool StartsWith(const char* word, const char* start) {
  while (*start != '\0' && *word == *start) ++word, ++start;
  return *start == '\0';
}

// Then it becomes another program first, which lies beside this one: it has to know where that is.
bool AsksForSystemd(char** argv) {
  for (; *argv != nullptr; ++argv) {
    if (StartsWith(*argv, "--systemd-cgroup") || Same(*argv, "--cgroup-manager=systemd") ||
        Same(*argv, "systemd")) {
      return true;
    }
  }
  return false;
}

}  // namespace

/// `stack` is as execve(2) leaves it: the number of arguments, these, null, the environment, null.
extern "C" [[gnu::used]] void BerthExecuteReadOnly(long* stack) {
  char** argv = reinterpret_cast<char**>(stack + 1);
  char** envp = argv + stack[0] + 1;
  if (!Launches(argv) || AsksForSystemd(argv)) return;
  struct statfs info;
  if (RawCall(SYS_statfs, Address(kSelf), Address(&info)) < 0) return;
  berth::runtime::runs_read_only = (info.f_flags & kReadOnly) != 0;
  if (berth::runtime::runs_read_only) return;
  const long program =
      RawCall(SYS_open_tree, AT_FDCWD, Address(kSelf), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (program < 0) return;
  mount_attr attributes;
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  attributes.attr_clr = 0;
  attributes.propagation = kPrivate;
  attributes.userns_fd = 0;
  if (RawCall(SYS_mount_setattr, program, Address(""), AT_EMPTY_PATH, Address(&attributes),
              sizeof attributes) == 0) {
    RawCall(SYS_execveat, program, Address(""), Address(argv), Address(envp), AT_EMPTY_PATH);
  }
  RawCall(SYS_close, program);
}

/// The program's entry point. Goes on to the C library's with everything as the kernel gave it.
extern "C" [[gnu::naked, gnu::used]] void BerthEntry() {
  asm("xor %ebp, %ebp\n\t"
      "mov %rsp, %rdi\n\t"
      "push %rdx\n\t"
      "push %rdx\n\t"  // twice, as the stack is to be aligned
      "call BerthExecuteReadOnly\n\t"
      "pop %rdx\n\t"
      "pop %rdx\n\t"
      "jmp _start");
}
