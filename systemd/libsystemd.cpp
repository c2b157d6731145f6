#include "systemd/libsystemd.h"

#include <dlfcn.h>

namespace berth::systemd {

Result<LibSystemd> LoadLibSystemd(const char* name) {
  void* const library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Error(
        fmt::format(
            "load libsystemd: {}: install the package libsystemd0, or use the cgroupfs driver",
            ::dlerror()),
        ENOENT);
  }
  LibSystemd lib;
#define BERTH_LOOK_UP(function)                                                                \
  lib.function = reinterpret_cast<decltype(lib.function)>(::dlsym(library, #function));        \
  if (lib.function == nullptr) {                                                               \
    return Error(                                                                              \
        fmt::format("load {}: it has no {}: systemd 241 or later is needed", name, #function), \
        ENOSYS);                                                                               \
  }
  BERTH_SD_BUS_FUNCTIONS(BERTH_LOOK_UP)
#undef BERTH_LOOK_UP
  return lib;
}

Result<const LibSystemd*> TheLibSystemd() {
  static const Result<LibSystemd> lib = LoadLibSystemd("libsystemd.so.0");
  if (!lib) return Error(lib.error());
  return &*lib;
}

}  // namespace berth::systemd
