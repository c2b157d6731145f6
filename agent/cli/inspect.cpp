#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/cli/commands.h"
#include "agent/cli/task_json.h"
#include "base/sys.h"

namespace berth::agent::cli {

Result<int> Inspect(const Paths& paths, const InspectOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  Json list = Json::array();
  for (const std::string& name : options.tasks) {
    const TaskRecord record = TRY(context.state.Find(name));
    Json task = DescribeTask(TRY(ViewTask(context, record)));
    task["taskDefinition"] = TRY(ParseJson(record.definition).Context("task {}", record.name));
    list.push_back(std::move(task));
  }
  TRY(sys::WriteAll(STDOUT_FILENO, DumpJsonPretty(list) + "\n"));
  return 0;
}

}  // namespace berth::agent::cli
