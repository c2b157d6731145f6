#include "cgroups/systemd_properties.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"

namespace berth::cgroups {
namespace {

using systemd::DeviceValue;
using systemd::PropertyValue;
using systemd::UnitProperty;
using Properties = std::vector<UnitProperty>;

// One property per unit, or per unit and device: what comes later replaces what was there.
void PutProperty(Properties& properties, UnitProperty property) {
  const auto same = std::find_if(properties.begin(), properties.end(),
                                 [&](const UnitProperty& p) { return p.name == property.name; });
  if (same == properties.end()) {
    properties.push_back(std::move(property));
    return;
  }
  auto* const devices = std::get_if<std::vector<DeviceValue>>(&same->value);
  if (devices == nullptr) {
    same->value = std::move(property.value);
    return;
  }
  for (DeviceValue& added : std::get<std::vector<DeviceValue>>(property.value)) {
    std::erase_if(*devices, [&](const DeviceValue& d) { return d.path == added.path; });
    devices->push_back(std::move(added));
  }
}

std::optional<uint64_t> LimitOf(std::string_view text) {
  const std::string_view value = Trim(text);
  return value == "max" ? kUnlimited : ParseInteger<uint64_t>(value);
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words = Split(text, ' ');
  std::erase(words, "");
  return words;
}

// -- the kinds of files -------------------------------------------------------------------------

Properties Limit(const char* name, std::string_view value) {
  const auto limit = LimitOf(value);
  return limit ? Properties{{name, *limit}} : Properties{};
}

// systemd refuses none at all of these.
Properties LimitAboveZero(const char* name, std::string_view value) {
  return LimitOf(value) == 0 ? Properties{} : Limit(name, value);
}

Properties Weight(const char* name, std::string_view value) {
  const auto weight = ParseInteger<uint64_t>(Trim(value));
  if (!weight || *weight < 1 || *weight > 10'000) return {};
  return {{name, *weight}};
}

// An idle cgroup has the weight 0 to systemd, and the default one again when it is no longer idle.
Properties CpuIdle(const char* name, std::string_view value) {
  const std::string_view idle = Trim(value);
  if (idle == "1") return {{name, uint64_t{0}}};
  if (idle == "0") return {{name, kUnlimited}};
  return {};
}

// Microseconds of each second. systemd keeps whole percents of it, and cgroups below are to be able
// to have the quota that was asked for: up, not down.
std::optional<uint64_t> QuotaPerSecond(uint64_t quota, uint64_t period) {
  constexpr uint64_t kSecond = 1'000'000;
  constexpr uint64_t kPercent = kSecond / 100;
  if (quota == kUnlimited) return kUnlimited;
  if (quota == 0 || period == 0 || quota > UINT64_MAX / kSecond) return std::nullopt;
  return (quota * kSecond / period + kPercent - 1) / kPercent * kPercent;
}

Properties CpuQuota(const char* name, std::string_view value) {
  const std::vector<std::string> words = Words(value);
  if (words.empty() || words.size() > 2) return {};
  const auto quota = LimitOf(words[0]);
  const auto period = words.size() == 2 ? ParseInteger<uint64_t>(words[1]) : 100'000;
  if (!quota || !period) return {};
  const auto per_second = QuotaPerSecond(*quota, *period);
  return per_second ? Properties{{name, *per_second}} : Properties{};
}

Properties CpuPeriod(const char* name, std::string_view value) {
  const std::vector<std::string> words = Words(value);
  const auto period = words.size() == 2 ? ParseInteger<uint64_t>(words[1]) : std::nullopt;
  return period ? Properties{{name, *period}} : Properties{};
}

// "0-3,7" as a mask, from the lowest bit of the first byte up.
std::optional<std::vector<uint8_t>> MaskOf(std::string_view list) {
  constexpr unsigned kMost = 8192;  // no kernel knows of more processors
  std::vector<uint8_t> mask;
  if (list.empty()) return mask;
  for (const std::string& range : Split(list, ',')) {
    const size_t dash = range.find('-');
    const auto first = ParseInteger<unsigned>(Trim(std::string_view(range).substr(0, dash)));
    const auto last = dash == range.npos
                          ? first
                          : ParseInteger<unsigned>(Trim(std::string_view(range).substr(dash + 1)));
    if (!first || !last || *first > *last || *last >= kMost) return std::nullopt;
    mask.resize(std::max<size_t>(mask.size(), *last / 8 + 1));
    for (unsigned bit = *first; bit <= *last; ++bit) {
      mask[bit / 8] = static_cast<uint8_t>(mask[bit / 8] | 1u << bit % 8);
    }
  }
  return mask;
}

Properties Mask(const char* name, std::string_view value) {
  auto mask = MaskOf(Trim(value));
  return mask ? Properties{{name, std::move(*mask)}} : Properties{};
}

// -- the files of block devices: "MAJOR:MINOR KEY=VALUE ..." ------------------------------------

Properties OfDevice(const char* name, const std::string& device, uint64_t value) {
  return {{name, std::vector<DeviceValue>{{.path = "/dev/block/" + device, .value = value}}}};
}

Properties IoWeight(const char* name, std::string_view value) {
  const std::vector<std::string> words = Words(value);
  if (words.size() == 1) return Weight(name, words[0]);
  if (words.size() != 2) return {};
  const Properties weight = Weight(name, words[1]);
  if (words[0] == "default" || weight.empty()) return weight;
  return OfDevice("IODeviceWeight", words[0], std::get<uint64_t>(weight.front().value));
}

struct IoKey {
  std::string_view key;
  const char* property;
};

Properties IoKeys(std::string_view value, const std::vector<IoKey>& keys) {
  const std::vector<std::string> words = Words(value);
  Properties properties;
  for (size_t i = 1; i < words.size(); ++i) {
    for (const auto& [key, property] : keys) {
      if (!words[i].starts_with(key)) continue;
      const auto limit = LimitOf(std::string_view(words[i]).substr(key.size()));
      if (limit) PutProperty(properties, OfDevice(property, words[0], *limit).front());
    }
  }
  return properties;
}

Properties IoMaxima(const char*, std::string_view value) {
  return IoKeys(value, {{"rbps=", "IOReadBandwidthMax"},
                        {"wbps=", "IOWriteBandwidthMax"},
                        {"riops=", "IOReadIOPSMax"},
                        {"wiops=", "IOWriteIOPSMax"}});
}

Properties IoTarget(const char* name, std::string_view value) {
  return IoKeys(value, {{"target=", name}});
}

struct Translation {
  std::string_view file;
  const char* property;
  int since;  // the version of systemd; 0: all with cgroup2
  Properties (*translate)(const char* property, std::string_view value);
};

constexpr Translation kTranslations[] = {
    {"cpu.weight", "CPUWeight", 0, Weight},
    {"cpu.idle", "CPUWeight", 252, CpuIdle},
    {"cpu.max", "CPUQuotaPerSecUSec", 0, CpuQuota},
    {"cpu.max", "CPUQuotaPeriodUSec", 242, CpuPeriod},
    {"cpuset.cpus", "AllowedCPUs", 244, Mask},
    {"cpuset.mems", "AllowedMemoryNodes", 244, Mask},
    {"io.latency", "IODeviceLatencyTargetUSec", 240, IoTarget},
    {"io.max", "", 0, IoMaxima},
    {"io.weight", "IOWeight", 0, IoWeight},
    {"memory.high", "MemoryHigh", 0, LimitAboveZero},
    {"memory.low", "MemoryLow", 0, Limit},
    {"memory.max", "MemoryMax", 0, LimitAboveZero},
    {"memory.min", "MemoryMin", 240, Limit},
    {"memory.swap.max", "MemorySwapMax", 0, Limit},
    {"memory.zswap.max", "MemoryZSwapMax", 253, Limit},
    {"pids.max", "TasksMax", 0, LimitAboveZero},
};

}  // namespace

std::vector<systemd::UnitProperty> SystemdProperties(const std::vector<Setting>& settings,
                                                     int version) {
  Properties all;
  for (const Setting& setting : settings) {
    for (const Translation& translation : kTranslations) {
      if (translation.file != setting.file || version < translation.since) continue;
      for (UnitProperty& property : translation.translate(translation.property, setting.value)) {
        PutProperty(all, std::move(property));
      }
    }
  }
  return all;
}

}  // namespace berth::cgroups
