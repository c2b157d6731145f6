#include "systemd/host.h"

#include <sys/stat.h>

#include "base/files.h"
#include "base/text.h"

namespace berth::systemd {

bool Booted(const HostPaths& paths) {
  struct stat info;
  return ::lstat(paths.run.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::optional<std::string> Version(const HostPaths& paths) {
  constexpr std::string_view kStart = "libsystemd-shared-";
  constexpr std::string_view kEnd = ".so";
  if (!Booted(paths)) return std::nullopt;
  for (const std::string& directory : paths.libraries) {
    for (const std::string& name : ListDirectory(directory).ValueOr({})) {
      if (!name.starts_with(kStart) || !name.ends_with(kEnd)) continue;
      return name.substr(kStart.size(), name.size() - kStart.size() - kEnd.size());
    }
  }
  return std::nullopt;
}

}  // namespace berth::systemd
