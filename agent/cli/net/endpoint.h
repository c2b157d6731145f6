// The ends of a flow as a person names them.
#pragma once

#include <string>

#include "agent/task/agent_context.h"
#include "base/result.h"
#include "net/addresses/ipv6.h"

namespace berth::agent::cli {

struct FlowEnd {
  std::string shown;          // "web (172.31.240.4)"
  std::string attachment_id;  // "" if it is not a task of this host
  net::IpAddress address;
};

/// A task (name, id, the start of an id, or "TASK/CONTAINER" where containers have addresses of
/// their own), an IP address, or "internet": any address outside. `family`: which of their
/// addresses the task and the internet are meant by. Fails for what has no such address.
Result<FlowEnd> FindFlowEnd(AgentContext& context, const std::string& name, net::IpFamily family);

}  // namespace berth::agent::cli
