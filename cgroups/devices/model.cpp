#include "cgroups/devices/model.h"

namespace berth::cgroups {
namespace {

bool Matches(const DeviceRule& rule, const DeviceRequest& request) {
  if (rule.type == DeviceType::kBlock && request.type != BPF_DEVCG_DEV_BLOCK) return false;
  if (rule.type == DeviceType::kChar && request.type != BPF_DEVCG_DEV_CHAR) return false;
  return (!rule.major || *rule.major == request.major) &&
         (!rule.minor || *rule.minor == request.minor);
}

bool ModelAllowsOne(std::span<const DeviceRule> rules, const DeviceRequest& request,
                    DeviceAccess one) {
  bool allowed = false;
  for (const DeviceRule& rule : rules) {
    if ((rule.access & one) != 0 && Matches(rule, request)) allowed = rule.allow;
  }
  return allowed;
}

}  // namespace

bool ModelAllows(std::span<const DeviceRule> rules, const DeviceRequest& request) {
  for (const DeviceAccess one : {kDeviceMknod, kDeviceRead, kDeviceWrite}) {
    if ((request.access & one) != 0 && !ModelAllowsOne(rules, request, one)) return false;
  }
  return true;
}

std::vector<DeviceRule> RandomRules(std::mt19937& random, size_t most,
                                    std::span<const uint32_t> numbers) {
  const auto below = [&](size_t limit) { return random() % limit; };
  const auto number = [&]() -> std::optional<uint32_t> {
    if (below(3) == 0) return std::nullopt;
    return numbers[below(numbers.size())];
  };
  constexpr DeviceType kTypes[] = {DeviceType::kAll, DeviceType::kBlock, DeviceType::kChar};
  std::vector<DeviceRule> rules(below(most + 1));
  for (DeviceRule& rule : rules) {
    rule = {.allow = below(2) == 0,
            .type = kTypes[below(3)],
            .major = number(),
            .minor = number(),
            .access = static_cast<DeviceAccess>(1 + below(7))};
  }
  return rules;
}

std::string DescribeAll(std::span<const DeviceRule> rules) {
  std::string text;
  for (const DeviceRule& rule : rules) text += Describe(rule) + "\n";
  return text;
}

}  // namespace berth::cgroups
