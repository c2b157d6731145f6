#include "agent/shim/program_pages.h"

#include <link.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace berth::agent::shim {
namespace {

struct Segment {
  uintptr_t start = 0;
  uintptr_t size = 0;
};

// The program's own and the vDSO's; more than this are left in memory.
struct Segments {
  std::array<Segment, 16> all;
  size_t count = 0;
};

int AddSegments(dl_phdr_info* object, size_t, void* data) {
  auto& segments = *static_cast<Segments*>(data);
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum && segments.count < segments.all.size(); ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
    const uintptr_t start = (object->dlpi_addr + header.p_vaddr) & ~(page - 1);
    const uintptr_t end = object->dlpi_addr + header.p_vaddr + header.p_memsz;
    segments.all[segments.count++] = {.start = start, .size = end - start};
  }
  return 0;
}

// A system call in place: libc's wrappers lie elsewhere in the program, and each brings its
// surroundings back into memory. Returns -errno on failure.
[[gnu::always_inline]] inline long Call(long number, long a, long b, long c, long d = 0, long e = 0,
                                        long f = 0) {
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

}  // namespace

[[gnu::noinline]] int WaitWithoutPages(int epoll, epoll_event* events, int max_events,
                                       int timeout) {
  Segments segments;
  ::dl_iterate_phdr(AddSegments, &segments);
  for (size_t i = 0; i < segments.count; ++i) {
    const Segment& segment = segments.all[i];
    Call(SYS_madvise, static_cast<long>(segment.start), static_cast<long>(segment.size),
         MADV_DONTNEED);
  }
  const long count = Call(SYS_epoll_pwait, epoll, reinterpret_cast<long>(events), max_events,
                          timeout, 0, sizeof(uint64_t));
  if (count >= 0) return static_cast<int>(count);
  errno = static_cast<int>(-count);
  return -1;
}

}  // namespace berth::agent::shim
