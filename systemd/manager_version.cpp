#include "systemd/manager_version.h"

#include "base/text.h"

namespace berth::systemd {

Result<int> ParseManagerVersion(std::string_view text) {
  std::string_view number = text;
  if (number.starts_with('v')) number.remove_prefix(1);
  number = number.substr(0, number.find_first_not_of("0123456789"));
  const auto version = ParseInteger<int>(number);
  if (!version)
    return MakeError("systemd calls its version '{}', which has no number in front", text);
  return *version;
}

Result<int> ManagerVersion(Bus& bus) { return ParseManagerVersion(TRY(bus.GetString("Version"))); }

}  // namespace berth::systemd
