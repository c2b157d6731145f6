// Paths that a container may not read, or not write.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace berth::runtime {

/// Hides what is at each path under `root`: a directory under an empty read-only one, anything else
/// under the host's /dev/null. Paths that don't exist are passed over. To be called while the
/// host's /dev is still to be seen: the image has no say in what hides its paths (CVE-2025-31133).
Result<void> MaskPaths(int root, const std::vector<std::string>& paths);

/// Makes what is at each path under `root` read-only, with all below it; passes over what isn't
/// there.
Result<void> MakePathsReadOnly(int root, const std::vector<std::string>& paths);

}  // namespace berth::runtime
