// Filters for system calls (seccomp(2)).
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// A filter as the kernel takes it.
struct SeccompFilter {
  std::string program;  // struct sock_filter, one after another
  unsigned flags = 0;   // SECCOMP_FILTER_FLAG_*
};

/// Compiles a profile. Names of system calls that this build's libseccomp does not know are passed
/// over, since profiles list calls of kernels to come. Calls that are newer than all the profile
/// knows fail with ENOSYS rather than the default action, so that programs fall back to older ones.
Result<SeccompFilter> CompileSeccomp(const Seccomp& profile);

/// Fails on the first name of a system call that this build's libseccomp does not know.
Result<void> CheckSyscalls(const Seccomp& profile);

/// Compiles through a cache: a file per profile in `directory`, which is made if missing and must
/// not be writable by anyone untrusted. A file that isn't whole or isn't for exactly this profile
/// and compiler is made anew. With an empty `directory` there is no cache.
Result<SeccompFilter> CompileSeccompCached(const Seccomp& profile, const std::string& directory);

/// "2.5.4"
std::string LibseccompVersion();
/// Which compiler made a filter: filters of another one are not to be used.
std::string SeccompCompiler();

/// Puts the filter on this process, for good. Needs no_new_privs or CAP_SYS_ADMIN.
Result<void> InstallSeccomp(const SeccompFilter& filter);

/// The same for the calling thread alone, TSYNC or not; the answer is the descriptor that calls
/// with SCMP_ACT_NOTIFY are told on.
Result<UniqueFd> InstallSeccompListener(const SeccompFilter& filter);

}  // namespace berth::runtime
