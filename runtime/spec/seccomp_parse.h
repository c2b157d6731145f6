// `linux.seccomp` from JSON.
#pragma once

#include "base/json_reader.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Complains about the form; that actions, architectures and flags exist is checked when the filter
/// is compiled (seccomp/seccomp.h).
void ReadJson(const JsonReader& in, Seccomp& out);

}  // namespace berth::runtime
