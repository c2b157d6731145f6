#include "cgroups/rdma.h"

#include "base/format.h"
#include "cgroups/scan.h"

namespace berth::cgroups {
namespace {

constexpr Figure<RdmaUse> kRdmaFigures[] = {{"hca_handle", &RdmaUse::hca_handle},
                                            {"hca_object", &RdmaUse::hca_object}};

}  // namespace

std::vector<Setting> RdmaSettings(const std::vector<RdmaLimit>& limits) {
  std::vector<Setting> settings;
  for (const RdmaLimit& limit : limits) {
    std::string value = limit.device;
    if (limit.hca_handle) value += fmt::format(" hca_handle={}", LimitText(*limit.hca_handle));
    if (limit.hca_object) value += fmt::format(" hca_object={}", LimitText(*limit.hca_object));
    settings.push_back({.controller = "rdma", .file = "rdma.max", .value = std::move(value)});
  }
  return settings;
}

std::vector<RdmaStats> ParseRdmaCurrent(std::string_view text, std::vector<RdmaStats> reused) {
  std::vector<RdmaStats> devices = std::move(reused);
  size_t count = 0;
  while (!text.empty()) {
    std::string_view line = CutOff(text, '\n');
    const std::string_view name = CutOff(line, ' ');
    if (name.empty()) continue;
    if (count == devices.size()) devices.emplace_back();
    RdmaStats& device = devices[count++];
    device.device = name;
    device.used = ParseFigures(line, kNestedKeyed, kRdmaFigures);
  }
  devices.resize(count);
  return devices;
}

}  // namespace berth::cgroups
