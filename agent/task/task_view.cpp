#include "agent/task/task_view.h"

#include <algorithm>
#include <iterator>

#include "agent/task/interfaces.h"
#include "agent/task/teardown.h"
#include "base/files.h"
#include "ecs/container_ports.h"
#include "ecs/names.h"
#include "ecs/parse.h"

namespace berth::agent {
namespace {

constexpr int kNeverRan = 125;  // as docker run has it

void Apply(const shim::Event& event, ContainerView& container) {
  if (event.health) container.health = event.health;
  if (!event.status) return;
  container.status = *event.status;
  container.pid = event.pid;
  container.exit_code = event.exit_code;
  container.reason = event.reason;
  container.restart_count = event.restart_count;
  // What a health check said of a process says nothing of the next one.
  if (container.health) container.health = shim::Health::kUnknown;
  if (event.status == shim::Status::kRunning) {
    container.started = event.time;
  } else if (event.status == shim::Status::kStopped) {
    container.stopped = event.time;
  }
}

void Apply(const shim::Event& event, TaskView& task) {
  if (!event.status) return;
  task.status = *event.status;
  if (event.status == shim::Status::kRunning) {
    task.started = event.time;
  } else if (event.status == shim::Status::kStopped) {
    task.stop_code = event.stop_code;
    task.stopped_reason = event.reason;
    task.stopped = event.time;
  }
}

// Where the range of ports begins that this one is in; the port itself outside of ranges.
uint16_t FirstOfRange(const ecs::ContainerDefinition& container, const PortRecord& port) {
  for (const ecs::PortMapping& mapping : container.portMappings) {
    const auto ports = ecs::PortsOf(mapping);
    const bool inside = ports && ports->count() > 1 && ToNet(mapping.protocol) == port.protocol &&
                        ports->first <= port.container_port && port.container_port <= ports->last;
    if (inside) return ports->first;
  }
  return port.container_port;
}

// The container's of `all`, which come by container port, those of a range as one.
std::vector<PortRecord> PortsOf(const ecs::ContainerDefinition& container,
                                const std::vector<PortRecord>& all) {
  std::vector<PortRecord> ports;
  for (const PortRecord& port : all) {
    if (port.container != container.name) continue;
    const uint16_t first = FirstOfRange(container, port);
    const auto row = std::ranges::find_if(ports, [&](const PortRecord& other) {
      return other.protocol == port.protocol && other.container_port == first;
    });
    if (first == port.container_port || row == ports.end()) {
      ports.push_back(port);
    } else {
      ++row->count;
    }
  }
  return ports;
}

Result<TaskView> ViewBeforeEvents(AgentContext& context, const TaskRecord& record) {
  const ecs::TaskDefinition definition = TRY(ecs::ParseTaskDefinition(record.definition));
  TaskView view = {.record = record,
                   .family = definition.family,
                   .revision = static_cast<int>(definition.revision.value_or(0)),
                   .network_mode = std::string(ecs::NameOf(definition.networkMode))};
  const std::vector<AddressRecord> addresses = TRY(context.state.Addresses(record.id));
  const std::vector<PortRecord> ports = TRY(context.state.Ports(record.id));
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    const ecs::ContainerDefinition& container = definition.containerDefinitions[i];
    ContainerView& shown = view.containers.emplace_back();
    shown.name = container.name;
    shown.image = container.image;
    shown.essential = container.essential;
    if (container.healthCheck) shown.health = shim::Health::kUnknown;
    std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(shown.addresses),
                 [&](const AddressRecord& address) { return address.IsOf(i); });
    shown.ports = PortsOf(container, ports);
  }
  return view;
}

Result<std::vector<shim::Event>> ReadJournal(const std::string& path) {
  const auto journal = ReadFile(path);
  if (!journal && journal.error().Is(ENOENT)) return std::vector<shim::Event>{};
  if (!journal) return journal.error();
  return shim::ParseJournal(*journal).Context("{}", path);
}

// A task that ended without its shim telling: its containers died with it, how nobody saw.
TaskView EndedUntold(TaskView view) {
  const bool ran = std::any_of(view.containers.begin(), view.containers.end(),
                               [](const ContainerView& container) { return container.started; });
  view.status = shim::Status::kStopped;
  view.stop_code = ran ? "EssentialContainerExited" : "TaskFailedToStart";
  view.stopped_reason =
      view.record.stop_reason.empty() ? "the task's shim has died" : view.record.stop_reason;
  for (ContainerView& container : view.containers) {
    if (container.status == shim::Status::kStopped) continue;
    container.status = shim::Status::kStopped;
    container.pid.reset();
    container.exit_code.reset();
    if (container.health) container.health = shim::Health::kUnknown;
  }
  return view;
}

}  // namespace

std::string RowText(uint16_t first, size_t count) {
  return count == 1 ? std::to_string(first) : fmt::format("{}-{}", first, first + count - 1);
}

std::string TaskView::DefinitionName() const {
  return revision == 0 ? family : fmt::format("{}:{}", family, revision);
}

std::optional<int> TaskView::ExitCode() const {
  if (status != shim::Status::kStopped) return std::nullopt;
  const bool failed_to_start = stop_code == "TaskFailedToStart";
  const ContainerView* first = nullptr;
  for (const ContainerView& container : containers) {
    if (!container.essential || !container.exit_code) continue;
    // Then it is the one with a code that never ran: its program could not be executed.
    if (failed_to_start && container.started) continue;
    if (first == nullptr || container.stopped < first->stopped) first = &container;
  }
  return first == nullptr ? kNeverRan : *first->exit_code;
}

std::optional<shim::Health> TaskView::Health() const {
  using enum shim::Health;
  std::optional<shim::Health> worst;
  for (const ContainerView& container : containers) {
    if (!container.essential || !container.health) continue;
    if (*container.health == kUnhealthy) return kUnhealthy;
    if (worst != kUnknown) worst = container.health;
  }
  return worst;
}

TaskView FoldEvents(TaskView view, std::span<const shim::Event> events) {
  for (const shim::Event& event : events) {
    if (event.container.empty()) {
      Apply(event, view);
      continue;
    }
    const auto container =
        std::find_if(view.containers.begin(), view.containers.end(),
                     [&](const ContainerView& one) { return one.name == event.container; });
    if (container != view.containers.end()) Apply(event, *container);
  }
  return view;
}

Result<TaskView> ViewTask(AgentContext& context, const TaskRecord& seen) {
  // Before reading: what a shim that is dead by now has written is all there to be read.
  const auto [record, alive] = LookAt(context, seen).ValueOr({.task = seen, .alive = false});
  const auto events =
      TRY(ReadJournal(context.paths.Journal(record.id)).Context("task {}", record.name));
  TaskView view = TRY(ViewBeforeEvents(context, record).Context("task {}", record.name));
  view = FoldEvents(std::move(view), events);
  if (!alive && view.status != shim::Status::kStopped) return EndedUntold(std::move(view));
  return view;
}

}  // namespace berth::agent
