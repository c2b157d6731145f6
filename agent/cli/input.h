// Documents that commands are given by path.
#pragma once

#include <string>

#include "base/result.h"

namespace berth::agent::cli {

/// The file's text; that of standard input for "-".
Result<std::string> ReadInput(const std::string& path);

}  // namespace berth::agent::cli
