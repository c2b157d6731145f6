#include <map>
#include <set>

#include "ecs/container_ports.h"
#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

constexpr size_t kMostRanges = 100;

// Ports of one protocol that a mapping takes, bounds included.
struct Ports {
  TransportProtocol protocol;
  int64_t first;
  int64_t last;
  std::string path;
  bool is_range;
};

bool Overlap(const Ports& a, const Ports& b) {
  return a.protocol == b.protocol && a.first <= b.last && b.first <= a.last;
}

// The ports of `mapping` in its container; nothing if they make no sense.
std::optional<Ports> PortsOf(const PortMapping& mapping, const Place& at) {
  const auto ports = PortsOf(mapping);
  if (!ports) return std::nullopt;
  return Ports{mapping.protocol, ports->first, ports->last, at.path(),
               mapping.containerPortRange.has_value()};
}

void CheckRangeMapping(NetworkMode mode, const PortMapping& mapping, const Place& at) {
  const Place range = at["containerPortRange"];
  if (mapping.containerPort) range.Complain("must not be given together with containerPort");
  if (mapping.hostPort.value_or(0) != 0) {
    range.Complain("must not be given together with hostPort");
  }
  if (mode == NetworkMode::kHost) range.Complain("must not be given in networkMode host");
  if (PortsOf(mapping, at)) return;
  range.Complain("must be two ports as \"8000-8010\", the lower first, not {}",
                 QuoteJson(*mapping.containerPortRange));
}

void CheckMapping(NetworkMode mode, const PortMapping& mapping, const Place& at) {
  if (mapping.containerPortRange) {
    CheckRangeMapping(mode, mapping, at);
  } else if (!mapping.containerPort) {
    at.Complain("containerPort or containerPortRange is required");
  } else {
    at["containerPort"].CheckRange(*mapping.containerPort, 1, 65535);
    // 0 is what a blank skeleton has.
    const bool same =
        mapping.hostPort.value_or(0) == 0 || mapping.hostPort == mapping.containerPort;
    if (!same && (mode == NetworkMode::kAwsvpc || mode == NetworkMode::kHost)) {
      at["hostPort"].Complain("must equal containerPort ({}) in networkMode {}, not {}",
                              *mapping.containerPort, NameOf(mode), *mapping.hostPort);
    }
  }
  constexpr std::string_view kOthers = "0123456789abcdefghijklmnopqrstuvwxyz_-";
  if (!mapping.name) return;
  if (mapping.name->size() <= 64 && !mapping.name->starts_with('-') &&
      mapping.name->find_first_not_of(kOthers) == std::string::npos) {
    return;
  }
  at["name"].Complain(
      "must be at most 64 lower-case letters, digits, hyphens and underscores, and not start with "
      "a hyphen, not {}",
      QuoteJson(*mapping.name));
}

// True if `ports` meets none of `taken`; complains otherwise.
bool CheckFree(const std::vector<Ports>& taken, const Ports& ports, const Place& at) {
  const auto other = std::find_if(taken.begin(), taken.end(),
                                  [&](const Ports& each) { return Overlap(each, ports); });
  if (other == taken.end()) return true;
  at.Complain("port {}/{} is taken by {}", std::max(ports.first, other->first),
              NameOf(ports.protocol), other->path);
  return false;
}

// Inside one container of its own network a port may be mapped twice, but not within a range.
void CheckRangesApart(const ContainerDefinition& container, const Place& list) {
  std::vector<Ports> ranges;
  std::vector<Ports> singles;
  for (size_t i = 0; i < container.portMappings.size(); ++i) {
    const auto ports = PortsOf(container.portMappings[i], list[i]);
    if (!ports) continue;
    const bool apart = CheckFree(ranges, *ports, list[i]) &&
                       (!ports->is_range || CheckFree(singles, *ports, list[i]));
    if (apart) (ports->is_range ? ranges : singles).push_back(*ports);
  }
}

// The ports that a mapping fixes outside its container; nothing if any free one will do.
std::optional<Ports> FixedPortsOf(NetworkMode mode, const PortMapping& mapping, const Place& at) {
  if (mode == NetworkMode::kAwsvpc || mode == NetworkMode::kHost) return PortsOf(mapping, at);
  if (mapping.hostPort.value_or(0) == 0 || mapping.containerPortRange) return std::nullopt;
  return Ports{mapping.protocol, *mapping.hostPort, *mapping.hostPort, at.path(), false};
}

}  // namespace

void CheckPorts(const TaskDefinition& definition, const Place& at) {
  const NetworkMode mode = definition.networkMode;
  std::vector<Ports> taken;
  std::map<std::string_view, std::string> names;
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    const ContainerDefinition& container = definition.containerDefinitions[i];
    const Place list = at["containerDefinitions"][i]["portMappings"];
    if (mode == NetworkMode::kNone && !container.portMappings.empty()) {
      list.Complain("must not be given in networkMode none");
    }
    size_t ranges = 0;
    for (size_t j = 0; j < container.portMappings.size(); ++j) {
      const PortMapping& mapping = container.portMappings[j];
      CheckMapping(mode, mapping, list[j]);
      if (mapping.containerPortRange) ++ranges;
      const auto ports = FixedPortsOf(mode, mapping, list[j]);
      if (ports && CheckFree(taken, *ports, list[j])) taken.push_back(*ports);
      if (!mapping.name) continue;
      const auto [other, is_new] = names.emplace(*mapping.name, list[j].path());
      if (!is_new) list[j]["name"].Complain("is the name of {} as well", other->second);
    }
    if (ranges > kMostRanges) list.Complain("must have at most 100 ranges, not {}", ranges);
    if (mode == NetworkMode::kBridge) CheckRangesApart(container, list);
  }
}

}  // namespace berth::ecs
