// What dockerConfig and overrides of a wire's container add to a container definition. For
// from_acs.cpp.
#pragma once

#include "ecs/names.h"
#include "ecs/place.h"
#include "ecs/wire/acs_task.h"

namespace berth::ecs::wire {

/// The value of that name; complains, and gives `fallback`, if there is none.
template <NamedEnum Enum>
Enum ToEnum(std::string_view name, Enum fallback, const Place& at) {
  if (const auto value = FromName<Enum>(name)) return *value;
  std::string names;
  for (const std::string_view each : Names<Enum>::kAll) {
    names += names.empty() ? "" : ", ";
    names += each;
  }
  at.Complain("must be one of {}, not {}", names, QuoteJson(name));
  return fallback;
}

/// Complaints come below `at`.
void ReadDockerConfig(const DockerConfig& from, const Place& at, ContainerDefinition& to);

/// hostConfig's NetworkMode; nothing if there is none, or it can't be read.
std::optional<std::string> NetworkModeOf(const DockerConfig& config);

/// `overrides` is JSON in a string, of which agents apply `command` alone.
void ReadOverrides(const std::string& overrides, const Place& at, ContainerDefinition& to);

}  // namespace berth::ecs::wire
