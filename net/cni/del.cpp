#include "base/steps.h"
#include "net/cni/commands.h"
#include "net/links/links.h"

namespace berth::net::cni {
namespace {

Result<void> CutOff(const Call& call, const Store& store, const std::string& id) {
  TRY(Detach(id, LinkEnd::kDiesWithNamespace, call.paths.NetLock()));
  TRY(FaultPoint("cni.del", "cut off"));
  if (const auto record = TRY(store.Find(id))) TRY(store.Release(*record));
  return FaultPoint("cni.del", "released");
}

}  // namespace

Answer<Done> Del(const Call& call) {
  const NetworkHeader header = TRY_ANSWER(ReadHeader(call.document));
  const std::string id = call.Key(header).Id();
  const Store store = TRY_OR(Code::kFailed, Store::Open(call.paths.State()));
  const auto lock = TRY_OR(Code::kFailed, store.locks().OneAttachment(id));
  TRY_OR(Code::kFailed, CutOff(call, store, id));
  NetlinkSocket host = TRY_OR(Code::kFailed, NetlinkSocket::Open(NETLINK_ROUTE));
  const auto link = TRY_OR(Code::kFailed, FindHostLink(host, HostInterfaceName(id)));
  if (!link) return Done{};
  return Done{.afterwards = [link = *link] {
    auto socket = NetlinkSocket::Open(NETLINK_ROUTE);
    if (socket) (void)DeleteLinks(*socket, {link}).has_value();
  }};
}

}  // namespace berth::net::cni
