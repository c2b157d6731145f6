#include "agent/names/running_tasks.h"

#include "ecs/parse.h"

namespace berth::agent::names {
Result<std::vector<NamedTask>> RunningTasks::Look(
    State& state, const std::map<std::string, std::string>& services) {
  std::map<std::string, Facts> still_known;
  std::vector<NamedTask> tasks;
  for (const TaskRecord& record : TRY(state.Tasks())) {
    if (record.phase != Phase::kLive) continue;
    Facts& facts = still_known[record.id];
    if (const auto known = known_.find(record.id); known != known_.end()) {
      facts = known->second;
    } else if (const auto definition = ecs::ParseTaskDefinition(record.definition)) {
      facts.family = definition->family;
      for (const auto& container : definition->containerDefinitions) {
        facts.containers.push_back(container.name);
      }
    }
    NamedTask& task = tasks.emplace_back();
    task.name = record.name;
    task.family = facts.family;
    if (const auto service = services.find(record.id); service != services.end()) {
      task.service = service->second;
    }
    const auto addresses = TRY(state.Addresses(record.id));
    for (size_t i = 0; i < facts.containers.size(); ++i) {
      NamedTask::Container& container = task.containers.emplace_back();
      container.name = facts.containers[i];
      for (const AddressRecord& address : addresses) {
        if (!address.IsOf(i)) continue;
        for (const net::IpAddress& reachable : address.Reachable()) {
          container.addresses.push_back(reachable.Format());
        }
      }
    }
  }
  known_ = std::move(still_known);
  return tasks;
}

}  // namespace berth::agent::names
