#include "agent/images/platform.h"

#include <sys/utsname.h>

#include <array>
#include <string_view>
#include <utility>

namespace berth::agent::images {

Platform Platform::Host() {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr std::array<Pair, 2> kMachines = {Pair{"x86_64", "amd64"}, Pair{"aarch64", "arm64"}};
  utsname names{};
  ::uname(&names);
  const std::string_view machine = names.machine;
  for (const auto& [kernel, go] : kMachines) {
    if (machine == kernel) return {.architecture = std::string(go)};
  }
  return {.architecture = std::string(machine)};
}

std::string Platform::ToString() const {
  std::string text = os + "/" + architecture;
  if (!variant.empty()) text += "/" + variant;
  return text;
}

}  // namespace berth::agent::images
