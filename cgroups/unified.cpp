#include "cgroups/unified.h"

#include "base/text.h"

namespace berth::cgroups {

Result<void> CheckUnified(const Unified& unified) {
  for (const auto& [file, value] : unified) {
    const size_t dot = file.find('.');
    const bool plain = file.find('/') == std::string::npos && file.find('\0') == std::string::npos;
    if (!plain || dot == 0 || dot == std::string::npos || file.starts_with("cgroup.")) {
      return Error(
          fmt::format("\"{}\" is not the name of a controller's file, such as memory.high", file),
          EINVAL);
    }
  }
  return {};
}

std::vector<Setting> UnifiedSettings(const Unified& unified) {
  std::vector<Setting> settings;
  for (const auto& [file, value] : unified) {
    const std::string controller = file.substr(0, file.find('.'));
    for (const std::string& line : Split(Trim(value), '\n')) {
      settings.push_back({.controller = controller, .file = file, .value = line});
    }
  }
  return settings;
}

}  // namespace berth::cgroups
