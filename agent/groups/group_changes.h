// Changes of security groups that are in use: in the agent's store and in the firewall at once.
//
// Order of locks: the firewall's, then the database's transaction, in which the firewall's batch is
// committed. A launch reads the groups under the firewall's lock as well (InterfaceSite), so that
// what it writes is never older than what is there.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "agent/config.h"
#include "agent/paths.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "ecs/security_group.h"

namespace berth::agent {

/// Where the groups of this host are.
struct GroupSite {
  const Paths& paths;
  const Config& config;
  State& state;
};

/// Flows that began under rules of before.
enum class Flows {
  kLive,  // as on EC2: they go on until they end
  kCut,   // those that the rules now forbid end at once
};

struct GroupEdit {
  std::string_view group;  // id or name
  std::function<Result<void>(ecs::SecurityGroup&)> edit;
  Flows flows = Flows::kLive;
};
/// Changes the rules of one of the operator's groups: for new flows from its return on, in one step
/// for all tasks in it. Fails without having changed anything, for groups of another origin too.
/// Returns how many flows it has cut.
Result<size_t> ChangeGroup(const GroupSite& site, const GroupEdit& edit);

/// Puts a group of the operator's down. Fails if its id or name is another one's.
Result<void> CreateGroup(const GroupSite& site, const ecs::SecurityGroup& group);

/// Fails with DependencyViolation while a task is in it or a rule of another group names it.
Result<void> DeleteGroup(const GroupSite& site, std::string_view group);

}  // namespace berth::agent
