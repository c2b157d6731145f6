#include <nlohmann/json.hpp>

#include "base/steps.h"
#include "net/cni/commands.h"
#include "net/cni/result.h"
#include "net/links/links.h"

namespace berth::net::cni {
namespace {

/// Opens the container's namespace, which must not be the host's own.
Answer<Netns> OpenNetns(const std::string& path) {
  auto netns = Netns::Open(path);
  if (netns) return *std::move(netns);
  return Fail(netns.error().Is(ENOENT) ? Code::kUnknownContainer : Code::kInvalidEnvironment,
              fmt::format("CNI_NETNS: {}", netns.error().message()));
}

/// Takes away what an ADD that was cut short, or a DEL whose end was, has left under this id.
Answer<void> ClearTheWay(const Call& call, const Store& store, const std::string& id) {
  const auto record = TRY_OR(Code::kFailed, store.Find(id));
  if (record && record->phase == Record::Phase::kLive) {
    return Fail(Code::kAlreadyAttached,
                fmt::format("container {} has the interface {} of this network already; DEL it "
                            "first",
                            call.request.containerId, call.request.ifname));
  }
  NetlinkSocket host = TRY_OR(Code::kFailed, NetlinkSocket::Open(NETLINK_ROUTE));
  if (record || TRY_OR(Code::kFailed, FindHostLink(host, HostInterfaceName(id)))) {
    TRY_OR(Code::kFailed, Detach(id, LinkEnd::kDeleteNow, call.paths.NetLock()));
  }
  if (record) TRY_OR(Code::kFailed, store.Release(*record));
  return {};
}

Answer<int> MtuOf(const Attachment& attachment) {
  if (attachment.subnet.mtu > 0) return attachment.subnet.mtu;
  NetlinkSocket host = TRY_OR(Code::kFailed, NetlinkSocket::Open(NETLINK_ROUTE));
  return TRY_OR(Code::kFailed, DefaultMtu(host));
}

/// Gives the reservation back, unless something of the attachment could not be removed: DEL and GC
/// find that by the record.
void Undo(const Call& call, const Store& store, const Record& record) {
  if (!Detach(record.key.Id(), LinkEnd::kDeleteNow, call.paths.NetLock())) return;
  (void)store.Release(record).has_value();
}

Result<void> Make(const Call& call, const Netns& netns, const Attachment& attachment) {
  TRY(FaultPoint("cni.add", "reserved"));
  TRY(Attach(attachment, netns, call.paths.NetLock()));
  return FaultPoint("cni.add", "attached");
}

}  // namespace

Attachment Plan(const Record& record, const NetworkConfig& config) {
  Attachment attachment = {.id = record.key.Id(),
                           .address = record.address,
                           .mac = record.mac,
                           .interfaceName = record.key.ifname,
                           .routes = config.routes,
                           .ports = config.ports,
                           .groups = config.securityGroups};
  for (const Subnet& subnet : config.subnets) {
    if (subnet.cidrBlock == record.block) attachment.subnet = subnet;
  }
  return attachment;
}

Answer<Done> Add(const Call& call) {
  const NetworkConfig config = TRY_ANSWER(ReadConfig(call.document, call.request.args));
  const Netns netns = TRY_ANSWER(OpenNetns(call.request.netns));
  const Store store = TRY_OR(Code::kFailed, Store::Open(call.paths.State()));
  const AttachmentKey key = call.Key(config.header);
  const auto lock = TRY_OR(Code::kFailed, store.locks().OneAttachment(key.Id()));
  TRY_ANSWER(ClearTheWay(call, store, key.Id()));

  Record record = TRY_ANSWER(store.Reserve(key, config));
  Made made = {.attachment = Plan(record, config), .netns = call.request.netns};
  const auto attached = Make(call, netns, made.attachment);
  if (!attached) {
    Undo(call, store, record);
    return Fail(Code::kFailed, attached.error().message());
  }
  record.phase = Record::Phase::kLive;
  TRY_OR(Code::kFailed, store.Write(record));
  made.mtu = TRY_ANSWER(MtuOf(made.attachment));
  return Done{.out = TRY_ANSWER(FormatResult(config, call.document, made))};
}

}  // namespace berth::net::cni
