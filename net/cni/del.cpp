#include "base/steps.h"
#include "net/cni/commands.h"
#include "net/links/host_links.h"

namespace berth::net::cni {
namespace {

/// What is slow to go and in nobody's way.
struct Rest {
  std::optional<HostLink> link;
  std::vector<IpAddress> addresses;
};

/// Takes the attachment out of the firewall and the routes, and gives its addresses back.
Result<Rest> CutOff(const Call& call, const Store& store, const std::string& id) {
  TRY(Detach(id, LinkEnd::kDiesWithNamespace, call.paths.NetLock()));
  TRY(FaultPoint("cni.del", "cut off"));
  // By its number: by the time that it is deleted another may have the name.
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  Rest rest = {.link = TRY(FindHostLink(host, HostInterfaceName(id)))};
  const auto record = TRY(store.Find(id));
  if (!record) return rest;
  rest.addresses = record->Addresses();
  TRY(store.Release(*record));
  TRY(FaultPoint("cni.del", "released"));
  return rest;
}

void Finish(const Rest& rest, const std::string& net_lock) {
  (void)ForgetFlows(rest.addresses, net_lock).has_value();
  if (!rest.link) return;
  auto host = NetlinkSocket::Open(NETLINK_ROUTE);
  if (host) (void)DeleteLinks(*host, {*rest.link}).has_value();
}

}  // namespace

Answer<Done> Del(const Call& call) {
  const NetworkHeader header = TRY_ANSWER(ReadHeader(call.document));
  const std::string id = call.Key(header).Id();
  const Store store = TRY_ANSWER(OpenStore(call.paths));
  const auto lock = TRY_OR(Code::kFailed, store.locks().OneAttachment(id));
  Rest rest = TRY_OR(Code::kFailed, CutOff(call, store, id));
  if (!rest.link && rest.addresses.empty()) return Done{};
  return Done{.afterwards = [rest = std::move(rest), net_lock = call.paths.NetLock()] {
    Finish(rest, net_lock);
  }};
}

}  // namespace berth::net::cni
