// Annotations that mean something to the runtime: those by which callers of crun and runc ask for
// what the specification has no fields for. All others are passed on to hooks and in the state.
#pragma once

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Acts on spec.annotations, which `in` has, by changing the rest of `spec`; its other fields have
/// been read. Complains about what is asked for and can't be had here, and about values that make
/// no sense.
void ActOnAnnotations(const JsonReader& in, Spec& spec);

/// The names of those that are acted on, sorted; one that ends in a dot stands for all that start
/// with it (features.md, "potentiallyUnsafeConfigAnnotations").
std::vector<std::string> AnnotationNames();

}  // namespace berth::runtime
