// The program of a container's process: where it starts, what it finds in its environment, and the
// jump into it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Changes into the directory `cwd` under `root`. The path is resolved inside the root and not
/// through links of /proc, so that no descriptor left open can lead out (CVE-2024-21626).
Result<void> EnterWorkingDirectory(int root, const std::string& cwd);

/// The environment of `process`, with HOME from the image's /etc/passwd if it has none.
Result<std::vector<std::string>> MakeEnvironment(int root, const Process& process);

/// Sets a "NAME=value" in an environment, in the place of an earlier value.
void SetVariable(std::vector<std::string>& env, const std::string& variable);

/// Executes args[0], searched for in the environment's PATH if it has no slash. Returns only with
/// the reason why it can't: "exec NAME: ...", with the errno.
Error Execute(const std::vector<std::string>& args, const std::vector<std::string>& env);

/// Whether Execute would find something to execute; fails as that would.
Result<void> CheckExecutable(const std::vector<std::string>& args,
                             const std::vector<std::string>& env);

}  // namespace berth::runtime
