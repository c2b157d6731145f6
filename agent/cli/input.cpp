#include "agent/cli/input.h"

#include <unistd.h>

#include "base/files.h"

namespace berth::agent::cli {

Result<std::string> ReadInput(const std::string& path) {
  if (path == "-") return ReadAll(STDIN_FILENO).Context("standard input");
  return ReadFile(path);
}

}  // namespace berth::agent::cli
