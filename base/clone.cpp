#include "base/clone.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

// Sanitizers keep books on stacks and would take the borrowed one for an error.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BERTH_SANITIZED
#elif defined(__has_feature)  // clang's way to say it
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BERTH_SANITIZED
#endif
#endif
#if defined(__x86_64__) && !defined(BERTH_SANITIZED)
#define BERTH_CAN_LEND_MEMORY
#endif

namespace berth::sys {
namespace {

clone_args Raw(const CloneArgs& args) {
  clone_args raw = {};
  raw.flags = args.flags;
  // With CLONE_PARENT the signal is the caller's own, and the kernel refuses another.
  raw.exit_signal = (args.flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  if (args.cgroup_fd >= 0) {
    raw.flags |= CLONE_INTO_CGROUP;
    raw.cgroup = static_cast<uint64_t>(args.cgroup_fd);
  }
  return raw;
}

#ifdef BERTH_CAN_LEND_MEMORY
// The child begins with an empty stack, so it can't return from the call that made it: libc's
// syscall(2) won't do. Returns -errno on failure.
long CloneOntoStack(const clone_args& raw, void (*work)(const void*), const void* argument) {
  long result;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %[argument], %%rdi\n\t"
      "call *%[work]\n\t"
      "hlt\n"
      "1:"
      : "=a"(result)
      : "a"(SYS_clone3), "D"(&raw), "S"(sizeof raw), [work] "r"(work), [argument] "r"(argument)
      : "rcx", "r11", "memory");
  return result;
}
#endif

}  // namespace

Result<pid_t> Clone(const CloneArgs& args) {
  clone_args raw = Raw(args);
  const long pid = ::syscall(SYS_clone3, &raw, sizeof raw);
  if (pid < 0) return ErrnoError("clone3");
  return static_cast<pid_t>(pid);
}

#ifdef BERTH_CAN_LEND_MEMORY
Result<pid_t> CloneToExecute(const CloneArgs& args, void (*work)(const void*),
                             const void* argument) {
  constexpr size_t kStackSize = 64 << 10;
  const auto stack = std::make_unique_for_overwrite<char[]>(kStackSize);
  clone_args raw = Raw(args);
  raw.flags |= CLONE_VM | CLONE_VFORK;
  raw.stack = reinterpret_cast<uintptr_t>(stack.get());
  raw.stack_size = kStackSize;  // its end is aligned, as all that malloc gives
  const long pid = CloneOntoStack(raw, work, argument);
  if (pid >= 0) return static_cast<pid_t>(pid);
  errno = static_cast<int>(-pid);
  return ErrnoError("clone3");
}
#else
Result<pid_t> CloneToExecute(const CloneArgs& args, void (*work)(const void*),
                             const void* argument) {
  const pid_t pid = TRY(Clone(args));
  if (pid == 0) work(argument);
  return pid;
}
#endif

}  // namespace berth::sys
