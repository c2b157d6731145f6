// The options that create and run have in common.
#pragma once

#include "runtime/cli/lifecycle.h"

namespace berth::runtime::cli {

inline constexpr Option kCreateOptions[] = {
    {"bundle", 'b', "DIR", "Directory with config.json (default: the current one)"},
    {"config", 'f', "FILE", "Configuration instead of the bundle's config.json"},
    {"console-socket", 0, "PATH", "Socket that gets the terminal's master side"},
    {"pid-file", 0, "FILE", "File to write the process id to"},
    {"pidfd-socket", 0, "PATH", "Socket that gets a pidfd of the first process"},
    {"preserve-fds", 0, "N", "Pass N descriptors from 3 up on to the program"},
    {"no-pivot", 0, nullptr, "chroot instead of pivot_root, for hosts on an initramfs"},
    {"no-new-keyring", 0, nullptr, "Keep the session keyring"},
    {"no-subreaper", 0, nullptr, "Accepted for runc's sake: processes are never adopted"},
    {"detach", 'd', nullptr, "run: leave the container to itself once it runs"},
    {"keep", 0, nullptr, "run: do not delete the container when it ends"},
};

/// Checks what `create ID` or `run ID` was given.
Result<CreateOptions> ReadCreateOptions(const Arguments& arguments);

/// Descriptors from 3 up that the program gets, all of them open: first those of LISTEN_FDS, then
/// those of --preserve-fds.
Result<PassedFds> FdsToPass(const Arguments& arguments);
/// What the caller calls the first of them (LISTEN_FDNAMES), if any, is told to the program.
void NameFds(const PassedFds& fds, std::vector<std::string>& env);

}  // namespace berth::runtime::cli
