// A system call in place, without libc's wrapper around it.
#pragma once

#include <unistd.h>

#include <cerrno>

namespace berth::sys {

/// What the kernel answers: -errno on failure. For code that may not touch libc: it may not be set
/// up yet, or its pages are to stay out of memory.
[[gnu::always_inline]] inline long RawCall(long number, long a = 0, long b = 0, long c = 0,
                                           long d = 0, long e = 0, long f = 0) {
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#else
  const long result = ::syscall(number, a, b, c, d, e, f);
  return result < 0 ? -errno : result;
#endif
}

/// A pointer as an argument of one.
template <typename T>
[[gnu::always_inline]] inline long Address(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

}  // namespace berth::sys
