// The volumes of a task: the directories behind them, and what each container mounts of them.
#pragma once

#include <string>
#include <vector>

#include "agent/images/image.h"
#include "agent/paths.h"
#include "agent/shim/plan.h"
#include "base/result.h"
#include "ecs/task_definition.h"
#include "runtime/spec/spec.h"

namespace berth::agent {

/// What one container mounts: its mountPoints, those it takes by volumesFrom, and a volume of its
/// own for each path that its image declares as one.
struct ContainerVolumes {
  std::vector<runtime::Mount> mounts;
  std::vector<shim::VolumeSeed> seeds;  // fresh volumes, filled from the image at the start
};

/// Makes the directories behind the task's volumes, and for each container its mounts. A host path
/// that is not there is made, as Docker does. By container.
Result<std::vector<ContainerVolumes>> MakeVolumes(const std::string& task_id,
                                                  const ecs::TaskDefinition& definition,
                                                  const std::vector<images::Image>& images,
                                                  const Paths& paths);

}  // namespace berth::agent
