// The running tasks of this host with what they are called, as the agent's state has them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/names/task_names.h"
#include "agent/state/state.h"
#include "base/result.h"

namespace berth::agent::names {

/// Remembers what definitions say from one look to the next.
class RunningTasks {
 public:
  /// `services`: by the ids of tasks.
  Result<std::vector<NamedTask>> Look(State& state,
                                      const std::map<std::string, std::string>& services);

 private:
  struct Facts {
    std::string family;
    std::vector<std::string> containers;
  };
  std::map<std::string, Facts> known_;  // by id
};

}  // namespace berth::agent::names
