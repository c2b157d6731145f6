// The commands of `berth` that have to do with a scheduler: a program of their own, berth-cluster,
// so that `berth run` need not load what speaks HTTP and signs.
#pragma once

#include <string>
#include <vector>

#include "agent/paths.h"
#include "base/result.h"

namespace berth::agent::cluster {

struct UpOptions {
  std::string scheduler_state = "/var/lib/berth/scheduler";
  std::string scheduler_config = "/etc/berth/scheduler.json";
  std::string cluster = "default";
};

/// Starts a scheduler and an agent on this host, unless they run, and prints how to reach them. If
/// one does not come up, ends what it started and fails with what that has to say.
Result<void> Up(const Paths& paths, const UpOptions& options);
/// Ends both. Tasks go on.
Result<void> Down(const Paths& paths);

/// Which scheduler the commands below are for, and as whom.
struct Access {
  std::string endpoint = "http://127.0.0.1:8765";
  std::string region = "us-east-1";
  std::string credentials = "/var/lib/berth/scheduler/credentials/operator";
};

struct RoleOptions {
  std::string name;
  std::string policy;  // path of a policy document; "-" for standard input
};
/// The role, for tasks to have, with this policy alone. One that is there gets this policy in place
/// of its others.
Result<void> CreateRole(const Access& access, const RoleOptions& options);
Result<void> ListRoles(const Access& access);
Result<void> DeleteRole(const Access& access, const std::string& name);

/// A key for one more agent, printed as a credentials file.
Result<void> CreateAgentKey(const Access& access, const std::string& name);

}  // namespace berth::agent::cluster
