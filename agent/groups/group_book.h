// GroupBook: the security groups that tasks of this host can be in, wherever they come from.
//
// An id means one thing on a host, since it names chains of the firewall. Of two that claim it, a
// scheduler's that a task here is in goes before the configuration's, and that before what
// `berth sg create` made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/config.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "ecs/security_group.h"
#include "net/firewall/security_group.h"

namespace berth::agent {

struct HostGroup {
  GroupOrigin origin = GroupOrigin::kOperator;
  ecs::SecurityGroup group;
};

class GroupBook {
 public:
  /// Both must outlive it.
  GroupBook(const Config& config, State& state) : config_(config), state_(state) {}

  /// All, by id.
  Result<std::vector<HostGroup>> All() const;
  /// By id, or by a name that only one has. Errors name those that there are.
  Result<HostGroup> Find(std::string_view id_or_name) const;
  /// By id alone, as the firewall takes it.
  Result<net::SecurityGroup> Rules(std::string_view id) const;

 private:
  const Config& config_;
  State& state_;
};

}  // namespace berth::agent
