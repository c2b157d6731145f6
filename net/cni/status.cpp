#include <nlohmann/json.hpp>

#include "net/cni/commands.h"
#include "net/firewall/host_table.h"

namespace berth::net::cni {
namespace {

Result<void> Examine(const Call& call, const NetworkConfig& config) {
  const Store store = TRY(Store::Open(call.paths.State()));
  TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  HostTable table = TRY(HostTable::Lock(call.paths.NetLock()));
  TRY(table.Refresh().Context("nftables"));
  if (TRY(store.HasAddress(config.subnets))) return {};
  return MakeError("no subnet of network {} has a free address", config.header.name);
}

}  // namespace

Answer<Done> Status(const Call& call) {
  const NetworkConfig config = TRY_ANSWER(ReadConfig(call.document, ""));
  TRY_OR(Code::kNotAvailable, Examine(call, config));
  return Done{};
}

}  // namespace berth::net::cni
