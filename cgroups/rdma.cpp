#include "cgroups/rdma.h"

#include "base/format.h"
#include "base/text.h"

namespace berth::cgroups {

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

std::vector<RdmaLimit> ParseRdma(std::string_view text) {
  constexpr std::string_view kHandle = "hca_handle=";
  constexpr std::string_view kObject = "hca_object=";
  std::vector<RdmaLimit> devices;
  for (const std::string& line : Split(text, '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string> words = Split(line, ' ');
    RdmaLimit device = {.device = words.front()};
    for (const std::string& word : words) {
      const std::string_view view = word;
      if (view.starts_with(kHandle)) device.hca_handle = ParseLimit(view.substr(kHandle.size()));
      if (view.starts_with(kObject)) device.hca_object = ParseLimit(view.substr(kObject.size()));
    }
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace berth::cgroups
