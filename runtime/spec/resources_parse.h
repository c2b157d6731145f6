// `linux.resources` from JSON and back.
#pragma once

#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "base/result.h"
#include "runtime/spec/resources.h"

namespace berth::runtime {

/// Complains about values that mean nothing, and about what version 1 of cgroups alone has:
/// realtime scheduling, network classes and priorities, weights of leaves, swappiness, a disabled
/// OOM killer.
void ReadJson(const JsonReader& in, Resources& out);

/// The object by itself, as `update --resources` takes it.
Result<Resources> ParseResources(std::string_view json);

/// Compact JSON; ParseResources of it gives equal Resources.
std::string DumpResources(const Resources& resources);

}  // namespace berth::runtime
