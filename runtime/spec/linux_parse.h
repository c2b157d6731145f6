// `linux` from JSON.
#pragma once

#include "base/json_reader.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Complains about what is missing or means nothing, each with its path.
void ReadJson(const JsonReader& in, Linux& out);
/// One of uidMappings or gidMappings, which mounts have as well.
void ReadJson(const JsonReader& in, IdMapping& out);

}  // namespace berth::runtime
