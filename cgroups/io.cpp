#include "cgroups/io.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

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

void SetFigure(IoDeviceStats& stats, std::string_view word) {
  constexpr std::pair<std::string_view, uint64_t IoDeviceStats::*> kFigures[] = {
      {"rbytes=", &IoDeviceStats::rbytes}, {"wbytes=", &IoDeviceStats::wbytes},
      {"rios=", &IoDeviceStats::rios},     {"wios=", &IoDeviceStats::wios},
      {"dbytes=", &IoDeviceStats::dbytes}, {"dios=", &IoDeviceStats::dios}};
  for (const auto& [key, figure] : kFigures) {
    if (word.starts_with(key)) stats.*figure = ParseLimit(word.substr(key.size()));
  }
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

std::vector<IoDeviceStats> ParseIoStat(std::string_view text) {
  std::vector<IoDeviceStats> devices;
  for (const std::string& line : Split(text, '\n')) {
    const std::vector<std::string> words = Split(line, ' ');
    const auto device = ParseBlockDevice(words.front());
    if (!device) continue;
    IoDeviceStats stats = {.device = *device};
    for (const std::string& word : words) SetFigure(stats, word);
    devices.push_back(stats);
  }
  return devices;
}

}  // namespace berth::cgroups
