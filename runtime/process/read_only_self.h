// Keeps containers from writing to the program that launched them.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime {

/// Makes the running program execute itself again from a read-only mount of its own file, unless it
/// does so already; to be called first in main() of whatever calls Create or Exec.
///
/// Until its execve a container's first process is a copy of the launcher, and an image can name
/// /proc/self/exe as its program or interpreter (CVE-2019-5736). A privileged process that gets
/// hold of that file could open it for writing. Through a read-only mount that no namespace
/// contains it can't, and unlike a copy in memory it shares the page cache with every other
/// launcher. A user who may not make mounts executes a sealed copy in memory, if the file is one
/// that he can write to.
///
/// Returns if there is nothing to do, or with the reason why it failed. Nothing is looked at if
/// `runs_read_only` has been set.
Result<void> RunFromReadOnlyMount(char** argv, char** envp);

/// Set by a program that has found out already, before main(), that it runs from such a mount.
extern bool runs_read_only;

/// A program on such a mount, to be executed by its descriptor (Command::program_fd): it then finds
/// nothing to do, which spares it one execution of itself.
Result<UniqueFd> ReadOnlyProgram(const std::string& path);

}  // namespace berth::runtime
