// `process` from JSON.
#pragma once

#include "base/json_reader.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Complains about what is missing, means nothing, or is for another platform.
void ReadJson(const JsonReader& in, Process& out);

}  // namespace berth::runtime
