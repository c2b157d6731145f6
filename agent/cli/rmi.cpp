#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/images/store.h"
#include "agent/shim/plan.h"
#include "agent/task/agent_context.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

// The layers that tasks have mounted. A task that has no plan yet holds the store (Store::Hold).
Result<std::vector<std::string>> LayersInUse(AgentContext& context) {
  std::vector<std::string> layers;
  for (const TaskRecord& task : TRY(context.state.Tasks())) {
    const std::string path = context.paths.Plan(task.id);
    if (task.phase == Phase::kEnded || !Exists(path)) continue;
    const shim::TaskPlan plan =
        TRY(shim::DecodePlan(TRY(ReadFile(path))).Context("which layers task {} uses", task.name));
    for (const shim::ContainerPlan& container : plan.containers) {
      layers.insert(layers.end(), container.layers.begin(), container.layers.end());
    }
  }
  return layers;
}

}  // namespace

Result<int> Rmi(const Paths& paths, const RmiOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  images::Store store = TRY(images::Store::Open(paths.Images()));
  const std::vector<std::string> in_use = TRY(LayersInUse(context));
  std::vector<std::string> failures;
  for (const std::string& name : options.images) {
    const auto removed = store.Remove(name, in_use);
    if (!removed) {
      failures.push_back(removed.error().message());
      continue;
    }
    TRY(sys::WriteAll(STDOUT_FILENO, name + "\n"));
  }
  if (!failures.empty()) return Error(Join(failures, "\n"));
  return 0;
}

}  // namespace berth::agent::cli
