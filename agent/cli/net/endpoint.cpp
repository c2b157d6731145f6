#include "agent/cli/net/endpoint.h"

#include "agent/task/task_view.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

// RFC 5737: documentation's, so that no subnet or rule is about it by chance.
constexpr net::Ipv4 kSomewhere{0xcb007101};  // 203.0.113.1

Result<FlowEnd> TaskByAddress(AgentContext& context, net::Ipv4 address) {
  for (const TaskRecord& task : TRY(context.state.Tasks())) {
    if (task.phase == Phase::kEnded) continue;
    for (const AddressRecord& record : TRY(context.state.Addresses(task.id))) {
      if (record.address != address) continue;
      return FlowEnd{.shown = fmt::format("{} ({})", task.name, address.Format()),
                     .attachment_id = record.attachment_id,
                     .address = address};
    }
  }
  return FlowEnd{.shown = address.Format(), .address = address};
}

}  // namespace

Result<FlowEnd> FindFlowEnd(AgentContext& context, const std::string& name) {
  if (name == "internet") return FlowEnd{.shown = "the internet", .address = kSomewhere};
  if (const auto address = net::Ipv4::Parse(name)) return TaskByAddress(context, *address);
  const size_t slash = name.find('/');
  const TaskRecord record = TRY(context.state.Find(name.substr(0, slash)));
  const TaskView view = TRY(ViewTask(context, record));
  for (const ContainerView& container : view.containers) {
    if (slash != std::string::npos && container.name != name.substr(slash + 1)) continue;
    if (container.addresses.empty()) continue;
    const AddressRecord& address = container.addresses.front();
    return FlowEnd{.shown = fmt::format("{} ({})", name, address.address.Format()),
                   .attachment_id = address.attachment_id,
                   .address = address.address};
  }
  return MakeError("{} has no address of its own: it has stopped, or is in network mode {}", name,
                   view.network_mode);
}

}  // namespace berth::agent::cli
