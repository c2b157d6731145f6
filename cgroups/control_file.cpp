#include "cgroups/control_file.h"

#include <unistd.h>

#include "base/files.h"

namespace berth::cgroups {

Result<std::optional<std::string>> ReadAnew(int file) {
  // Of a removed cgroup, lseek(2) already says ENODEV.
  auto content =
      ::lseek(file, 0, SEEK_SET) < 0 ? Result<std::string>(ErrnoError("seek")) : ReadAll(file);
  if (!content && content.error().Is(ENODEV)) return std::optional<std::string>();
  return std::optional(TRY(std::move(content)));
}

}  // namespace berth::cgroups
