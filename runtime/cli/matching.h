// Containers by a pattern, for `delete --regex` and `kill --regex`.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/command.h"

namespace berth::runtime::cli {

/// The ids that `pattern`, an extended regular expression (regex(7)), matches anywhere.
Result<std::vector<std::string>> IdsMatching(const Globals& globals, const std::string& pattern);

}  // namespace berth::runtime::cli
