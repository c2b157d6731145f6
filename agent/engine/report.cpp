#include "agent/engine/report.h"

#include <algorithm>

#include "agent/engine/order.h"

namespace berth::agent::engine {
namespace {

constexpr size_t kMostReason = 1024;  // of SubmitTaskStateChange

std::string Cut(std::string text) {
  if (text.size() > kMostReason) text.resize(kMostReason);
  return text;
}

std::vector<ecs::api::NetworkBinding> BindingsOf(const ContainerView& container) {
  std::vector<ecs::api::NetworkBinding> bindings;
  for (const PortRecord& port : container.ports) {
    ecs::api::NetworkBinding& binding = bindings.emplace_back();
    binding.bindIP = "0.0.0.0";
    binding.protocol = port.protocol == net::Protocol::kUdp ? ecs::TransportProtocol::kUdp
                                                            : ecs::TransportProtocol::kTcp;
    if (port.count == 1) {
      binding.containerPort = port.container_port;
      binding.hostPort = port.host_port;
    } else {
      binding.containerPortRange = RowText(port.container_port, port.count);
      binding.hostPortRange = RowText(port.host_port, port.count);
    }
  }
  return bindings;
}

enum class Until { kRunning, kNow };

// `until` kRunning: as it was while the task ran.
std::optional<ecs::api::ContainerStateChange> ChangeOf(const TaskState& state,
                                                       const ContainerView& container,
                                                       Until until) {
  const bool stopped = container.status == shim::Status::kStopped && until == Until::kNow;
  if (!stopped && !container.started) return std::nullopt;
  ecs::api::ContainerStateChange change = {
      .containerName = container.name,
      .runtimeId = RuntimeIdOf(state.booked.id, container.name),
      .networkBindings = BindingsOf(container),
      .status = stopped ? "STOPPED" : "RUNNING"};
  const auto digest = state.booked.digests.find(container.name);
  if (digest != state.booked.digests.end()) change.imageDigest = digest->second;
  if (!stopped) return change;
  if (container.exit_code) change.exitCode = *container.exit_code;
  if (!container.reason.empty()) change.reason = Cut(container.reason);
  return change;
}

ecs::api::SubmitTaskStateChangeRequest Base(const TaskState& state, const std::string& cluster) {
  return {.cluster = cluster,
          .task = state.booked.order.arn,
          .reason = "",
          .pullStartedAt = state.booked.pull_started,
          .pullStoppedAt = state.booked.pull_stopped};
}

void AddContainers(ecs::api::SubmitTaskStateChangeRequest& request, const TaskState& state,
                   Until until) {
  if (!state.view) return;
  for (const ContainerView& container : state.view->containers) {
    if (auto change = ChangeOf(state, container, until)) {
      request.containers.push_back(*std::move(change));
    }
  }
}

// When the first essential container ended.
std::optional<WallTime> ExecutionStopped(const TaskView& view) {
  std::optional<WallTime> first;
  for (const ContainerView& container : view.containers) {
    if (!container.essential || !container.stopped) continue;
    if (!first || *container.stopped < *first) first = container.stopped;
  }
  return first;
}

}  // namespace

bool TaskState::Stopped() const {
  if (!released) return false;
  if (!booked.failure.empty()) return true;
  return view && view->status == shim::Status::kStopped;
}

bool TaskState::HasRun() const { return view && view->started.has_value(); }

std::optional<Report> NextReport(const TaskState& state, const std::string& cluster) {
  const Told told = state.booked.told;
  Report report = {.request = Base(state, cluster)};
  if (told == Told::kNothing && state.HasRun()) {
    report.tells = Told::kRunning;
    report.request.status = "RUNNING";
    AddContainers(report.request, state, state.Stopped() ? Until::kRunning : Until::kNow);
    return report;
  }
  if (told == Told::kStopped || !state.Stopped()) return std::nullopt;
  report.tells = Told::kStopped;
  report.request.status = "STOPPED";
  AddContainers(report.request, state, Until::kNow);
  if (!state.booked.failure.empty()) {
    report.request.reason = Cut(state.booked.failure);
  } else {
    report.request.executionStoppedAt = ExecutionStopped(*state.view);
    // The scheduler knows by itself why it ordered a stop, and that an essential container ended.
    const bool own = state.view->stop_code == "TaskFailedToStart";
    if (own) report.request.reason = Cut(state.view->stopped_reason);
  }
  return report;
}

ecs::api::SubmitTaskStateChangeRequest ContainerReport(const TaskState& state,
                                                       const std::string& cluster) {
  auto request = Base(state, cluster);
  request.status = state.HasRun() ? "RUNNING" : "PENDING";
  AddContainers(request, state, Until::kNow);
  return request;
}

}  // namespace berth::agent::engine
