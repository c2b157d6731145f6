// What only the parent can tell the kernel about its child: id mappings and the like.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

struct IdMaps {
  std::vector<IdMapping> uids;
  std::vector<IdMapping> gids;
};

/// Fails unless a spec with a new user namespace maps its root, which the set-up runs as, and a
/// spec without one maps nothing.
Result<void> CheckIdMappings(const Linux& config);

/// The mappings of the user namespace that process `pid` is in, with the caller's ids as hostID.
Result<IdMaps> IdMapsOfProcess(pid_t pid);
/// The same of a namespace, by a descriptor of its file.
Result<IdMaps> IdMapsOfNamespace(int userns);
/// Fails if `config` has mappings and they are not those of the namespace that it joins.
Result<void> CheckJoinedIdMaps(const Linux& config, const IdMaps& joined);

/// The user on the host that `uid` of the container is.
Result<uint32_t> HostUid(const std::vector<IdMapping>& mappings, uint32_t uid);

/// Writes the mappings of a child that was born in a new user namespace (user_namespaces(7)). A
/// caller without rights over ids may map its own by itself, and has newuidmap(1) and newgidmap(1)
/// map those that /etc/subuid and /etc/subgid grant it.
Result<void> WriteIdMappings(pid_t child, const Linux& config);

/// Sets a child's /proc/PID/oom_score_adj (proc(5)), or with 0 the caller's own.
Result<void> SetOomScoreAdj(pid_t child, int score);

}  // namespace berth::runtime
