// The parts of config.json as JSON, for DumpSpec.
#pragma once

#include <string>

#include "runtime/spec/json_writer.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Appends the object that ReadJson of the same type reads.
void Write(std::string& out, const Process& process);
void Write(std::string& out, const Linux& config);
void Write(std::string& out, const IdMapping& mapping);

}  // namespace berth::runtime
