#include "ecs/container_ports.h"

#include "base/text.h"

namespace berth::ecs {

std::optional<ContainerPorts> PortsOf(const PortMapping& mapping) {
  if (!mapping.containerPortRange) {
    const uint16_t port = mapping.containerPort.value_or(0);
    return port == 0 ? std::nullopt : std::optional(ContainerPorts{port, port});
  }
  const std::vector<std::string> ends = Split(*mapping.containerPortRange, '-');
  if (ends.size() != 2) return std::nullopt;
  const auto first = ParseInteger<uint16_t>(ends[0]);
  const auto last = ParseInteger<uint16_t>(ends[1]);
  if (!first || !last || *first < 1 || *first >= *last) return std::nullopt;
  return ContainerPorts{*first, *last};
}

}  // namespace berth::ecs
