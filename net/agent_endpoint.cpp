#include "net/agent_endpoint.h"

#include <netinet/in.h>

#include "net/firewall/host_table.h"
#include "net/firewall/service_way.h"
#include "net/links/local_address.h"
#include "net/nft/batch.h"

namespace berth::net {

Result<void> OpenAgentEndpoint(const std::string& lock_path) {
  HostTable tasks = TRY(HostTable::Lock(lock_path));
  TRY(tasks.Refresh());
  TRY(OpenServiceWay({.table = kAgentTable,
                      .comment = "The way to the agent's endpoint",
                      .asked = {kAgentAddress, kAgentPublicPort},
                      .target = {kAgentAddress, kAgentPort},
                      .protocols = {IPPROTO_TCP}})
          .Context("open the agent's endpoint"));
  // Last, so that the address is guarded from its first moment.
  return AddLocalAddress(kAgentAddress).Context("open the agent's endpoint");
}

Result<void> CloseAgentEndpoint(const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  const Result<void> address =
      RemoveLocalAddress(kAgentAddress).Context("close the agent's endpoint");
  if (!address) return address;  // the table goes on guarding it
  return CloseServiceWay(kAgentTable).Context("close the agent's endpoint");
}

}  // namespace berth::net
