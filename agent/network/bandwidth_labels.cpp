#include "agent/network/bandwidth_labels.h"

#include <functional>

#include "base/text.h"

namespace berth::agent {
namespace {

constexpr std::string_view kPrefix = "berth.bandwidth.";

/// A number of which the last letter may be a unit: each is `step` of the one before.
std::optional<uint64_t> ParseScaled(std::string_view text, std::string_view units, uint64_t step) {
  uint64_t scale = 1;
  if (!text.empty()) {
    const size_t unit = units.find(text.back());
    if (unit != std::string_view::npos) {
      for (size_t i = 0; i <= unit; ++i) scale *= step;
      text.remove_suffix(1);
    }
  }
  const auto number = ParseInteger<uint64_t>(text);
  if (!number || *number > (uint64_t{1} << 50) / scale) return std::nullopt;
  return *number * scale;
}

/// What labels have said so far; each number once.
struct Asked {
  std::optional<uint64_t> egress, ingress, egress_burst, ingress_burst;
};

std::optional<uint64_t>* Place(Asked& asked, std::string_view name) {
  if (name == "egress") return &asked.egress;
  if (name == "ingress") return &asked.ingress;
  if (name == "egress-burst") return &asked.egress_burst;
  if (name == "ingress-burst") return &asked.ingress_burst;
  return nullptr;
}

Result<void> TakeLabel(Asked& asked, std::string_view name, std::string_view value) {
  std::optional<uint64_t>* place = Place(asked, name);
  if (place == nullptr) {
    return MakeError("there are {}egress, ingress, egress-burst and ingress-burst", kPrefix);
  }
  const bool is_burst = name.ends_with("-burst");
  const auto number = is_burst ? ParseScaled(value, "KM", 1024) : ParseScaled(value, "KMG", 1000);
  if (!number || *number == 0) {
    return is_burst ? MakeError("must be bytes, such as 256K, not \"{}\"", value)
                    : MakeError("must be bits a second, such as 100M, not \"{}\"", value);
  }
  if (*place && **place != *number) {
    return MakeError("another container of the same interface says otherwise");
  }
  *place = number;
  return {};
}

Result<std::optional<net::RateLimit>> LimitOf(const char* name, std::optional<uint64_t> rate,
                                              std::optional<uint64_t> burst) {
  if (!rate && burst) {
    return MakeError("{}{}-burst: there is no {}{} that it could belong to", kPrefix, name, kPrefix,
                     name);
  }
  if (!rate) return std::optional<net::RateLimit>();
  const net::RateLimit limit = {.bitsPerSecond = *rate, .burst = burst.value_or(0)};
  TRY(net::CheckRateLimit(limit).Context("{}{}", kPrefix, name));
  return std::optional(limit);
}

/// Calls `each` with the rest of the name, and the value, of every label that is about bandwidth.
Result<void> EachLabel(
    const ecs::TaskDefinition& definition, size_t container,
    const std::function<Result<void>(std::string_view name, std::string_view value)>& each) {
  for (const auto& [label, value] : definition.containerDefinitions[container].dockerLabels) {
    if (!label.starts_with(kPrefix)) continue;
    TRY(each(std::string_view(label).substr(kPrefix.size()), value)
            .Context("containerDefinitions[{}].dockerLabels[\"{}\"]", container, label));
  }
  return {};
}

}  // namespace

Result<net::Bandwidth> BandwidthOf(const ecs::TaskDefinition& definition,
                                   const std::vector<size_t>& containers) {
  Asked asked;
  for (const size_t container : containers) {
    TRY(EachLabel(definition, container, [&](std::string_view name, std::string_view value) {
      return TakeLabel(asked, name, value);
    }));
  }
  net::Bandwidth bandwidth;
  bandwidth.egress = TRY(LimitOf("egress", asked.egress, asked.egress_burst));
  bandwidth.ingress = TRY(LimitOf("ingress", asked.ingress, asked.ingress_burst));
  return bandwidth;
}

Result<void> RefuseBandwidth(const ecs::TaskDefinition& definition, std::string_view network_mode) {
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    TRY(EachLabel(definition, i, [&](std::string_view, std::string_view) -> Result<void> {
      return MakeError("networkMode {} has no interface of the task's to limit", network_mode);
    }));
  }
  return {};
}

}  // namespace berth::agent
