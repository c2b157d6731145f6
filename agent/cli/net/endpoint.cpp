#include "agent/cli/net/endpoint.h"

#include <algorithm>

#include "agent/task/task_view.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

// RFC 5737 and RFC 3849: documentation's, so that no subnet or rule is about them by chance.
constexpr net::Ipv4 kSomewhere{0xcb007101};                                 // 203.0.113.1
constexpr net::Ipv6 kSomewhere6 = net::Ipv6({0x20, 0x01, 0x0d, 0xb8}) + 1;  // 2001:db8::1

Result<FlowEnd> TaskByAddress(AgentContext& context, const net::IpAddress& address) {
  for (const TaskRecord& task : TRY(context.state.Tasks())) {
    if (task.phase == Phase::kEnded) continue;
    for (const AddressRecord& record : TRY(context.state.Addresses(task.id))) {
      const auto reachable = record.Reachable();
      if (std::ranges::find(reachable, address) == reachable.end()) continue;
      return FlowEnd{.shown = fmt::format("{} ({})", task.name, address.Format()),
                     .attachment_id = record.attachment_id,
                     .address = address};
    }
  }
  return FlowEnd{.shown = address.Format(), .address = address};
}

}  // namespace

Result<FlowEnd> FindFlowEnd(AgentContext& context, const std::string& name, net::IpFamily family) {
  const bool ipv4 = family == net::IpFamily::kIpv4;
  if (name == "internet") {
    return FlowEnd{.shown = "the internet",
                   .address = ipv4 ? net::IpAddress(kSomewhere) : net::IpAddress(kSomewhere6)};
  }
  if (const auto address = net::IpAddress::Parse(name)) return TaskByAddress(context, *address);
  const size_t slash = name.find('/');
  const TaskView view = TRY(ViewTask(context, TRY(context.state.Find(name.substr(0, slash)))));
  for (const ContainerView& container : view.containers) {
    if (slash != std::string::npos && container.name != name.substr(slash + 1)) continue;
    for (const AddressRecord& record : container.addresses) {
      for (const net::IpAddress& address : record.Reachable()) {
        if (address.family() != family) continue;
        return FlowEnd{.shown = fmt::format("{} ({})", name, address.Format()),
                       .attachment_id = record.attachment_id,
                       .address = address};
      }
    }
  }
  const bool addressed = std::ranges::any_of(
      view.containers, [](const ContainerView& container) { return !container.addresses.empty(); });
  if (addressed) {
    return MakeError(
        "{} has no {} address: name it by an address that it has, or the other end by "
        "an address of the same family",
        name, ipv4 ? "IPv4" : "IPv6");
  }
  return MakeError("{} has no address of its own: it has stopped, or is in network mode {}", name,
                   view.network_mode);
}

}  // namespace berth::agent::cli
