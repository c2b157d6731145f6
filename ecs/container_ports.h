// The ports of its container that a port mapping is about: one, or a range.
#pragma once

#include <cstdint>
#include <optional>

#include "ecs/container_definition.h"

namespace berth::ecs {

/// Bounds included.
struct ContainerPorts {
  uint16_t first = 0;
  uint16_t last = 0;

  size_t count() const { return size_t{last} - first + 1; }
};

/// containerPort, or containerPortRange ("8000-8010", the lower first). Nothing if that is no port
/// or range.
std::optional<ContainerPorts> PortsOf(const PortMapping& mapping);

}  // namespace berth::ecs
