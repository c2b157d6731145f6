#include "cgroups/io.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "cgroups/scan.h"

namespace berth::cgroups {
namespace {

std::string DeviceText(const BlockDevice& device) {
  return fmt::format("{}:{}", device.major, device.minor);
}

std::optional<BlockDevice> ParseBlockDevice(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto major = ParseInteger<uint32_t>(text.substr(0, colon));
  const auto minor = ParseInteger<uint32_t>(text.substr(colon + 1));
  if (!major || !minor) return std::nullopt;
  return BlockDevice{.major = *major, .minor = *minor};
}

std::string MaxText(const IoMax& max) {
  std::string text = DeviceText(max.device);
  const auto add = [&](const char* key, const std::optional<uint64_t>& value) {
    if (value) text += fmt::format(" {}={}", key, LimitText(*value));
  };
  add("rbps", max.rbps);
  add("wbps", max.wbps);
  add("riops", max.riops);
  add("wiops", max.wiops);
  return text;
}

}  // namespace

std::vector<Setting> IoSettings(const IoLimits& limits) {
  std::vector<Setting> settings;
  const auto add = [&](const char* file, std::string value, const char* fallback = "") {
    settings.push_back(
        {.controller = "io", .file = file, .value = std::move(value), .fallback = fallback});
  };
  // With the BFQ scheduler alone there is no io.weight (block/bfq-cgroup.c).
  if (limits.weight) add("io.weight", fmt::format("default {}", *limits.weight), "io.bfq.weight");
  for (const IoDeviceWeight& weight : limits.device_weights) {
    add("io.weight", fmt::format("{} {}", DeviceText(weight.device), weight.weight),
        "io.bfq.weight");
  }
  for (const IoMax& max : limits.max) add("io.max", MaxText(max));
  for (const IoLatency& latency : limits.latency) {
    add("io.latency", fmt::format("{} target={}", DeviceText(latency.device), latency.target_usec));
  }
  return settings;
}

uint64_t WeightFromBlkio(uint64_t weight) {
  return 1 + (std::clamp<uint64_t>(weight, 10, 1000) - 10) * 9999 / 990;
}

std::vector<IoDeviceStats> ParseIoStat(std::string_view text, std::vector<IoDeviceStats> reused) {
  static constexpr Figure<IoDeviceStats> kFigures[] = {
      {"rbytes", &IoDeviceStats::rbytes}, {"wbytes", &IoDeviceStats::wbytes},
      {"rios", &IoDeviceStats::rios},     {"wios", &IoDeviceStats::wios},
      {"dbytes", &IoDeviceStats::dbytes}, {"dios", &IoDeviceStats::dios}};
  std::vector<IoDeviceStats> devices = std::move(reused);
  devices.clear();
  while (!text.empty()) {
    std::string_view line = CutOff(text, '\n');
    const auto device = ParseBlockDevice(CutOff(line, ' '));
    if (!device) continue;
    devices.push_back(ParseFigures(line, kNestedKeyed, kFigures));
    devices.back().device = *device;
  }
  return devices;
}

}  // namespace berth::cgroups
