// What `exec` is to run, from its options.
#pragma once

#include "runtime/cli/arguments.h"
#include "runtime/spec/spec.h"

namespace berth::runtime::cli {

/// The process of --process, or the container's own with the words behind the id as its arguments
/// and the options applied: it has the container's environment, rights and limits.
Result<Process> ProcessToExecute(const Spec& spec, const Arguments& arguments);

/// "UID" or "UID:GID", numbers and nothing else: a name would mean one thing on the host and
/// another in the container (CVE-2026-30892). Without a GID it is 0.
Result<User> ParseUser(std::string_view text);

}  // namespace berth::runtime::cli
