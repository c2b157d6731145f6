// The cpu and memory of a whole task, which the API writes as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::ecs {

/// CPU units of "256", "0.25 vCPU" or ".25vcpu"; nothing if it is no such text or no whole number
/// of units.
std::optional<int64_t> ParseTaskCpu(std::string_view text);

/// MiB of "512", "0.5 GB" or "1gb"; nothing if it is no such text or no whole number of MiB.
std::optional<int64_t> ParseTaskMemory(std::string_view text);

}  // namespace berth::ecs
