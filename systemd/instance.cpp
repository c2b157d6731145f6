#include "systemd/instance.h"

#include <unistd.h>

#include <cstdlib>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace berth::systemd {
namespace {

// The first user namespace maps every id to itself, in one line.
bool InUserNamespace(const CallerPaths& paths) {
  const std::string map = ReadFile(paths.uid_map).ValueOr("");
  std::vector<std::string> words;
  for (std::string& word : Split(Trim(map), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  return !words.empty() && words != std::vector<std::string>{"0", "0", "4294967295"};
}

}  // namespace

Instance InstanceOfCaller(const CallerPaths& paths) {
  if (::geteuid() != 0) return Instance::kUser;
  const bool has_session = ::getenv("XDG_RUNTIME_DIR") != nullptr;
  return has_session && InUserNamespace(paths) ? Instance::kUser : Instance::kHost;
}

std::string UserRuntimeDir() {
  const char* dir = ::getenv("XDG_RUNTIME_DIR");
  if (dir != nullptr && *dir == '/') return dir;
  return fmt::format("/run/user/{}", ::geteuid());
}

}  // namespace berth::systemd
