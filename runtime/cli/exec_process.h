// What `exec` is to run, from its options.
#pragma once

#include "runtime/cli/arguments.h"
#include "runtime/spec/spec.h"

namespace berth::runtime::cli {

/// The process of --process, or the container's own with the words behind the id as its arguments
/// and the options applied: it has the container's environment, rights and limits.
Result<Process> ProcessToExecute(const Spec& spec, const Arguments& arguments);

}  // namespace berth::runtime::cli
