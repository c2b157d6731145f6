// Which systemd answers.
#pragma once

#include <string_view>

#include "base/result.h"
#include "systemd/bus.h"

namespace berth::systemd {

/// The major version of the manager, which decides what properties it knows: 252.
Result<int> ManagerVersion(Bus& bus);

/// Of what the manager calls its version: "252.39-1~deb12u1", "v245.4-1.fc32", "256~rc1".
Result<int> ParseManagerVersion(std::string_view text);

}  // namespace berth::systemd
