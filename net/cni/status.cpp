#include <nlohmann/json.hpp>

#include "net/cni/commands.h"
#include "net/firewall/host_table.h"

namespace berth::net::cni {
namespace {

Answer<void> Examine(const Call& call, const NetworkConfig& config) {
  const Store store = TRY_ANSWER(OpenStore(call.paths));
  TRY_OR(Code::kFailed, NetlinkSocket::Open(NETLINK_ROUTE));
  HostTable table = TRY_OR(Code::kFailed, HostTable::Lock(call.paths.NetLock()));
  TRY_OR(Code::kFailed, table.Refresh().Context("nftables"));
  return store.CheckAddresses(config);
}

}  // namespace

Answer<Done> Status(const Call& call) {
  const NetworkConfig config = TRY_ANSWER(ReadConfig(call.document, ""));
  const auto ready = Examine(call, config);
  if (!ready) return Fail(Code::kNotAvailable, ready.error().msg);
  return Done{};
}

}  // namespace berth::net::cni
