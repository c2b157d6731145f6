// A container definition as an OCI configuration.
#pragma once

#include <string>
#include <vector>

#include "agent/images/image.h"
#include "base/result.h"
#include "ecs/task_definition.h"
#include "runtime/spec/spec.h"

namespace berth::agent {

/// What the spec of a container needs to know beyond its definition and image.
struct SpecInputs {
  const ecs::TaskDefinition* task = nullptr;
  const ecs::ContainerDefinition* container = nullptr;
  const images::Image* image = nullptr;
  std::string hostname;
  std::string network_namespace;  // path; "" for the host's
  std::string bundle;             // where resolv.conf, hosts and hostname are
  std::string init_program;       // host path of berth-init, for initProcessEnabled
  std::vector<runtime::Mount> volumes;
  enum class Devices { kFiltered, kUnfiltered } devices = Devices::kUnfiltered;
};

/// The container as Docker would make it from the same words. Fails, naming the field, if the host
/// can't give what is asked for (a device that is not there).
Result<runtime::Spec> BuildSpec(const SpecInputs& inputs);

/// What it executes: entryPoint and command, over the image's. Fails if there is neither.
Result<std::vector<std::string>> ContainerArgs(const ecs::ContainerDefinition& container,
                                               const images::ImageConfig& image);

}  // namespace berth::agent
