#include "base/program_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "base/raw_call.h"

namespace berth::sys {
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
    // What can be written to may have been, relocations included, and would be lost.
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
    const uintptr_t start = (object->dlpi_addr + header.p_vaddr) & ~(page - 1);
    const uintptr_t end = object->dlpi_addr + header.p_vaddr + header.p_memsz;
    segments.all[segments.count++] = {.start = start, .size = end - start};
  }
  return 0;
}

}  // namespace

// By calls in place: libc's wrappers lie elsewhere in the program, and each would bring its
// surroundings back.
[[gnu::noinline]] long CallWithoutPages(long number, long a, long b, long c, long d, long e,
                                        long f) {
  Segments segments;
  ::dl_iterate_phdr(AddSegments, &segments);
  for (size_t i = 0; i < segments.count; ++i) {
    const Segment& segment = segments.all[i];
    RawCall(SYS_madvise, static_cast<long>(segment.start), static_cast<long>(segment.size),
            MADV_DONTNEED);
  }
  return RawCall(number, a, b, c, d, e, f);
}

}  // namespace berth::sys
