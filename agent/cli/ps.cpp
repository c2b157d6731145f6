#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/cli/age.h"
#include "agent/cli/commands.h"
#include "agent/cli/plain_lines.h"
#include "agent/cli/table.h"
#include "agent/cli/task_json.h"
#include "agent/task/teardown.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

// "172.31.0.5" in awsvpc mode, those of all containers in bridge mode.
std::string Addresses(const TaskView& task) {
  if (task.network_mode == "host") return "host";
  std::vector<std::string> addresses;
  for (const ContainerView& container : task.containers) {
    for (const AddressRecord& record : container.addresses) {
      for (const net::IpAddress& reachable : record.Reachable()) {
        std::string address = reachable.Format();
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
          addresses.push_back(std::move(address));
        }
      }
    }
  }
  return Join(addresses, ",");
}

std::string Ports(const TaskView& task) {
  std::vector<std::string> ports;
  for (const ContainerView& container : task.containers) {
    for (const PortRecord& port : container.ports) ports.push_back(PortText(port));
  }
  return Join(ports, ",");
}

std::string Text(const std::vector<TaskView>& tasks) {
  Table table({"TASK", "NAME", "FAMILY:REV", "STATUS", "HEALTH", "ADDRESS", "PORTS", "AGE"});
  for (const TaskView& task : tasks) {
    const auto health = task.Health();
    const bool stopped = task.status == shim::Status::kStopped;
    table.Add({task.record.id.substr(0, 12), task.record.name, task.DefinitionName(),
               std::string(Name(task.status)), health && !stopped ? std::string(Name(*health)) : "",
               stopped ? "" : Addresses(task), Ports(task), Age(task.record.created, Now())});
  }
  return table.Render();
}

std::string JsonText(const std::vector<TaskView>& tasks) {
  Json list = Json::array();
  for (const TaskView& task : tasks) list.push_back(DescribeTask(task));
  return DumpJsonPretty(list) + "\n";
}

}  // namespace

Result<int> Ps(const Paths& paths, const PsOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  // What can't be cleaned up now is no reason to hide the rest.
  if (const auto recovered = Recover(context); !recovered) {
    log::Warning("{}", recovered.error().message());
  }
  std::vector<TaskView> tasks;
  int code = 0;
  for (const TaskRecord& record : TRY(context.state.Tasks())) {
    auto task = ViewTask(context, record);
    if (!task) {  // nor is what can't be read
      log::Error("{}", task.error().message());
      code = 1;
    } else if (options.all || task->status != shim::Status::kStopped) {
      tasks.push_back(std::move(*task));
    }
  }
  TRY(sys::WriteAll(STDOUT_FILENO,
                    options.output == Output::kJson ? JsonText(tasks) : Text(tasks)));
  return code;
}

}  // namespace berth::agent::cli
