// berth net inspect: a task's place in the host's network, and what has passed there.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/cli/commands.h"
#include "agent/cli/task_json.h"
#include "agent/task/task_view.h"
#include "base/json.h"
#include "base/sys.h"
#include "net/attachment.h"
#include "net/firewall/drops.h"
#include "net/firewall/trace.h"
#include "net/links/link_counters.h"

namespace berth::agent::cli {
namespace {

/// As the task sees it: what its end of the pair got and sent.
Json CountersOf(const net::LinkCounters& task) {
  return {{"received", {{"bytes", task.rx_bytes}, {"packets", task.rx_packets}}},
          {"sent", {{"bytes", task.tx_bytes}, {"packets", task.tx_packets}}}};
}

Result<Json> InterfaceOf(const AddressRecord& address) {
  const std::string link = net::HostInterfaceName(address.attachment_id);
  auto routes = TRY(net::NetlinkSocket::Open(NETLINK_ROUTE));
  const auto counters = TRY(net::ReadLinkCounters(routes, link));
  const net::Drops drops = TRY(net::ReadDrops(address.attachment_id));
  Json json = {{"hostInterface", link}, {"subnetId", address.subnet_id}};
  for (const net::IpAddress& reachable : address.Reachable()) {
    json[reachable.IsIpv4() ? "privateIpv4Address" : "ipv6Address"] = reachable.Format();
    json["securityGroups"] = TRY(net::GroupsInForce(reachable));
  }
  if (counters) json["counters"] = CountersOf(counters->TurnedRound());
  json["dropped"] = {{"ingressPackets", drops.ingress},
                     {"egressPackets", drops.egress},
                     {"ingressOverFlowLimit", drops.flows_in},
                     {"egressOverFlowLimit", drops.flows_out}};
  return json;
}

}  // namespace

Result<int> NetInspect(const Paths& paths, const NetInspectOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  Json list = Json::array();
  for (const std::string& name : options.tasks) {
    const TaskView view = TRY(ViewTask(context, TRY(context.state.Find(name))));
    Json containers = Json::array();
    Json interfaces = Json::object();
    for (const ContainerView& container : view.containers) {
      Json own = Json::array();
      for (const AddressRecord& address : container.addresses) {
        own.push_back(address.attachment_id);
        if (interfaces.contains(address.attachment_id)) continue;
        interfaces[address.attachment_id] = TRY(InterfaceOf(address).Context("task {}", name));
      }
      containers.push_back({{"name", container.name},
                            {"networkBindings", NetworkBindings(container)},
                            {"interfaces", std::move(own)}});
    }
    list.push_back({{"name", view.record.name},
                    {"taskId", view.record.id},
                    {"networkMode", view.network_mode},
                    {"containers", std::move(containers)},
                    {"interfaces", std::move(interfaces)}});
  }
  TRY(sys::WriteAll(STDOUT_FILENO, DumpJsonPretty(list) + "\n"));
  return 0;
}

}  // namespace berth::agent::cli
