#include "runtime/process/idle_memory.h"

#include <link.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace berth::runtime {
namespace {

struct Pages {
  void* begin = nullptr;
  size_t size = 0;
};

// Of a static program there are two; of libraries, the first ones do.
struct PagesOfProgram {
  std::array<Pages, 16> segments;
  size_t count = 0;
};

int AddSegments(dl_phdr_info* object, size_t, void* pages_of_program) {
  auto& pages = *static_cast<PagesOfProgram*>(pages_of_program);
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    // What can be written to may have been, relocations included, and would be lost.
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    if (pages.count == pages.segments.size()) return 1;
    const uintptr_t start = object->dlpi_addr + segment.p_vaddr;
    const uintptr_t begin = start & ~(page - 1);
    pages.segments[pages.count++] = {reinterpret_cast<void*>(begin),
                                     start + segment.p_memsz - begin};
  }
  return 0;
}

}  // namespace

Result<UniqueFd> AcceptIdly(int listener) {
  PagesOfProgram pages;
  ::dl_iterate_phdr(AddSegments, &pages);
  // From here to the wait as little code as can be: each call brings some of it back.
  for (size_t i = 0; i < pages.count; ++i) {
    ::madvise(pages.segments[i].begin, pages.segments[i].size, MADV_DONTNEED);
  }
  int fd;
  do {
    fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return ErrnoError("accept");
  return UniqueFd(fd);
}

}  // namespace berth::runtime
