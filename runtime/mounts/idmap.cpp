#include "runtime/mounts/idmap.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clone.h"
#include "base/sys.h"
#include "runtime/id_mappings.h"

namespace berth::runtime {

Result<UniqueFd> MakeIdmapNamespace(const std::vector<IdMapping>& uids,
                                    const std::vector<IdMapping>& gids) {
  const pid_t parent = ::getpid();
  const pid_t child = TRY(sys::Clone({.flags = CLONE_NEWUSER}));
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    while (::getppid() == parent || ::getppid() == 0) ::pause();
    ::_exit(0);
  }
  const Cleanup end([&] {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  });
  Linux mappings;
  mappings.uidMappings = uids;
  mappings.gidMappings = gids;
  TRY(WriteIdMappings(child, mappings));
  return sys::Open(fmt::format("/proc/{}/ns/user", child), O_RDONLY);
}

}  // namespace berth::runtime
