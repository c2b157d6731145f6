// config.json to and from the structs of spec.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Parses a whole config.json. Fails with every problem found, one a line, each with its JSON path.
/// What the specification defines and this runtime does not do is refused ("linux.intelRdt: not
/// supported yet"); properties that the specification does not define are skipped, as it demands
/// (config.md, "Extensibility").
Result<Spec> ParseSpec(std::string_view json);

/// The `process` object of one, by itself.
Result<Process> ParseProcess(std::string_view json);

/// Entries of `mounts`: a list of them, an object that has such a list, or one by itself.
Result<std::vector<Mount>> ParseMounts(std::string_view json);

/// The same document as compact JSON; ParseSpec of it gives an equal Spec.
std::string DumpSpec(const Spec& spec);

}  // namespace berth::runtime
