#include "cgroups/devices/table.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace berth::cgroups {
namespace {

using Number = std::optional<uint32_t>;

/// The devices of one type that a rule or an entry is about.
struct Pattern {
  Number major;
  Number minor;
};

bool CoversNumber(Number outer, Number inner) { return !outer || outer == inner; }

bool IsOfType(DeviceType rule, DeviceType type) { return rule == DeviceType::kAll || rule == type; }

// What may be done with the devices of a pattern that no narrower pattern matches: all rules about
// any of these are about all of them.
DeviceAccess Evaluate(std::span<const DeviceRule> rules, DeviceType type, const Pattern& pattern) {
  DeviceAccess allowed = 0;
  for (const DeviceRule& rule : rules) {
    const bool covers = IsOfType(rule.type, type) && CoversNumber(rule.major, pattern.major) &&
                        CoversNumber(rule.minor, pattern.minor);
    if (!covers) continue;
    const unsigned changed = rule.allow ? allowed | rule.access : allowed & ~rule.access;
    allowed = static_cast<DeviceAccess>(changed);
  }
  return allowed;
}

/// The patterns of all rules about one type, by how much they leave open.
struct Patterns {
  std::set<uint32_t> majors;                       // M:*
  std::set<uint32_t> minors;                       // *:m
  std::set<std::pair<uint32_t, uint32_t>> single;  // M:m
};

Patterns Collect(std::span<const DeviceRule> rules, DeviceType type) {
  Patterns patterns;
  for (const DeviceRule& rule : rules) {
    if (!IsOfType(rule.type, type)) continue;
    if (rule.major && rule.minor) patterns.single.emplace(*rule.major, *rule.minor);
    if (rule.major && !rule.minor) patterns.majors.insert(*rule.major);
    if (!rule.major && rule.minor) patterns.minors.insert(*rule.minor);
  }
  // A device that two half-open patterns match is decided by the rules of both.
  for (const uint32_t major : patterns.majors) {
    for (const uint32_t minor : patterns.minors) patterns.single.emplace(major, minor);
  }
  return patterns;
}

/// The entries about one type, from the most general to single devices.
class TypeTable {
 public:
  TypeTable(std::span<const DeviceRule> rules, DeviceType type) : rules_(rules), type_(type) {
    const Patterns patterns = Collect(rules, type);
    others_ = Evaluate(rules, type, {});
    for (const uint32_t minor : patterns.minors) Add({.minor = minor});
    for (const uint32_t major : patterns.majors) Add({.major = major});
    for (const auto& [major, minor] : patterns.single) Add({.major = major, .minor = minor});
  }

  /// What may be done with devices that no entry matches.
  DeviceAccess others() const { return others_; }
  const std::vector<DeviceEntry>& entries() const { return entries_; }

 private:
  // Only an entry that says something else than the more general ones is needed.
  void Add(const Pattern& pattern) {
    const DeviceAccess allowed = Evaluate(rules_, type_, pattern);
    if (allowed == Lookup(pattern)) return;
    entries_.push_back(
        {.type = type_, .major = pattern.major, .minor = pattern.minor, .allowed = allowed});
  }
  DeviceAccess Lookup(const Pattern& pattern) const {
    const auto found =
        std::find_if(entries_.rbegin(), entries_.rend(), [&](const DeviceEntry& entry) {
          return CoversNumber(entry.major, pattern.major) &&
                 CoversNumber(entry.minor, pattern.minor);
        });
    return found == entries_.rend() ? others_ : found->allowed;
  }

  std::span<const DeviceRule> rules_;
  DeviceType type_;
  DeviceAccess others_ = 0;
  std::vector<DeviceEntry> entries_;
};

}  // namespace

std::vector<DeviceEntry> MakeDeviceTable(std::span<const DeviceRule> rules) {
  const TypeTable blocks(rules, DeviceType::kBlock);
  const TypeTable chars(rules, DeviceType::kChar);
  std::vector<DeviceEntry> table(chars.entries().rbegin(), chars.entries().rend());
  table.insert(table.end(), blocks.entries().rbegin(), blocks.entries().rend());
  DeviceEntry others = {.allowed = blocks.others()};
  if (blocks.others() != chars.others()) {
    table.push_back({.type = DeviceType::kChar, .allowed = chars.others()});
    table.push_back({.type = DeviceType::kBlock, .allowed = blocks.others()});
    others.allowed = 0;  // the kernel knows no third type
  }
  table.push_back(others);
  return table;
}

}  // namespace berth::cgroups
