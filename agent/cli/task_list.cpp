#include "agent/cli/task_list.h"

#include "base/text.h"

namespace berth::agent::cli {

Result<std::vector<TaskRecord>> FindTasks(AgentContext& context,
                                          const std::vector<std::string>& names) {
  std::vector<TaskRecord> tasks;
  for (const std::string& name : names) tasks.push_back(TRY(context.state.Find(name)));
  return tasks;
}

Result<int> ForEachTask(const std::vector<TaskRecord>& tasks,
                        const std::function<Result<void>(const TaskRecord&)>& work) {
  std::vector<std::string> failures;
  for (const TaskRecord& task : tasks) {
    const auto done = work(task).Context("{}", task.name);
    if (!done) failures.push_back(done.error().message());
  }
  if (failures.empty()) return 0;
  return Error(Join(failures, "\n"));
}

}  // namespace berth::agent::cli
