// The rdma controller: handles and objects of InfiniBand and RoCE devices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

struct RdmaLimit {
  std::string device;  // "mlx5_0"
  std::optional<uint64_t> hca_handle;
  std::optional<uint64_t> hca_object;
};

std::vector<Setting> RdmaSettings(const std::vector<RdmaLimit>& limits);

/// The lines of rdma.current or rdma.max.
std::vector<RdmaLimit> ParseRdma(std::string_view text);

}  // namespace berth::cgroups
