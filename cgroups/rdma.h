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

struct RdmaUse {
  uint64_t hca_handle = 0;
  uint64_t hca_object = 0;
};

/// A line of rdma.current.
struct RdmaStats {
  std::string device;
  RdmaUse used;
};

/// `reused` gives its memory to the answer.
std::vector<RdmaStats> ParseRdmaCurrent(std::string_view text, std::vector<RdmaStats> reused = {});

}  // namespace berth::cgroups
