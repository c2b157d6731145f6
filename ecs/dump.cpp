#include "ecs/dump.h"

#include "ecs/fields.h"
#include "ecs/write.h"

namespace berth::ecs {

std::string DumpTaskDefinition(const TaskDefinition& definition) {
  return ToJson(definition, Defaults::kOmitted);
}

}  // namespace berth::ecs
