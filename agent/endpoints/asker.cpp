#include "agent/endpoints/asker.h"

#include "net/agent_endpoint.h"

namespace berth::agent::endpoints {

Asker Asker::Of(const TaskCatalog& catalog, std::string_view peer_address) {
  const auto address = net::Ipv4::Parse(peer_address);
  if (!address) return Asker(Kind::kStranger);
  // What the host sends to one of its own addresses comes from there.
  if (*address == net::kAgentAddress || net::Ipv4Cidr::Loopback().Contains(*address)) {
    return Asker(Kind::kHost);
  }
  TaskPointer task = catalog.FindByAddress(*address);
  return task ? Asker(Kind::kTask, std::move(task)) : Asker(Kind::kStranger);
}

bool Asker::MaySee(const EndpointTask& task) const {
  return kind_ == Kind::kHost || MayActAs(task);
}

bool Asker::MayActAs(const EndpointTask& task) const {
  if (kind_ == Kind::kHost) return task.network_mode == "host";
  return kind_ == Kind::kTask && task_->arn == task.arn;
}

}  // namespace berth::agent::endpoints
