// berth-runtime, from its arguments to its exit status.
#pragma once

#include "runtime/cli/command.h"

namespace berth::runtime::cli {

/// `argv` ends with null. Without `systemd`, a command that has to talk to systemd becomes the
/// program beside this one that can: "<this program>-systemd".
int RunProgram(char** argv, const SystemdCalls* systemd);

}  // namespace berth::runtime::cli
