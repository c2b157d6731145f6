// AgentContext: what every operation on tasks works with.
#pragma once

#include <string>

#include "agent/config.h"
#include "agent/paths.h"
#include "agent/state/state.h"
#include "base/result.h"
#include "cgroups/hierarchy.h"

namespace berth::agent {

struct AgentContext {
  Paths paths;
  Config config;
  State state;
  cgroups::Hierarchy hierarchy;

  /// Makes the directories that are missing (mode 0700), reads the configuration, opens the state
  /// and finds out what the host offers.
  static Result<AgentContext> Open(const Paths& paths);
};

}  // namespace berth::agent
