#include <nlohmann/json.hpp>

#include "base/steps.h"
#include "net/cni/commands.h"
#include "net/cni/container_netns.h"
#include "net/cni/result.h"
#include "net/links/host_links.h"

namespace berth::net::cni {
namespace {

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

/// What Add works on once an address is reserved.
struct Adding {
  const Call& call;
  const NetworkConfig& config;
  const Netns& netns;
  const Store& store;
};

/// Makes all of it; the result.
Answer<std::string> Make(const Adding& adding, Record record) {
  Made made = {.attachment = Plan(record, adding.config), .netns = adding.call.request.netns};
  TRY_OR(Code::kFailed, FaultPoint("cni.add", "reserved"));
  TRY_OR(Code::kFailed, Attach(made.attachment, adding.netns, adding.call.paths.NetLock()));
  TRY_OR(Code::kFailed, FaultPoint("cni.add", "attached"));
  made.mtu = TRY_ANSWER(MtuOf(made.attachment));
  std::string result = TRY_ANSWER(FormatResult(adding.config, adding.call.document, made));
  record.phase = Record::Phase::kLive;
  TRY_OR(Code::kFailed, adding.store.Write(record));
  TRY_OR(Code::kFailed, FaultPoint("cni.add", "live"));
  return result;
}

}  // namespace

Attachment Plan(const Record& record, const NetworkConfig& config) {
  Attachment attachment = {.id = record.key.Id(),
                           .address = record.address,
                           .ipv6Address = record.ipv6Address,
                           .mac = record.mac,
                           .interfaceName = record.key.ifname,
                           .routes = config.routes,
                           .ports = config.ports,
                           .groups = config.securityGroups};
  for (const Subnet& subnet : config.subnets) {
    if (subnet.FormatBlocks() == record.blocks) attachment.subnet = subnet;
  }
  return attachment;
}

Answer<Done> Add(const Call& call) {
  const NetworkConfig config = TRY_ANSWER(ReadConfig(call.document, call.request.args));
  const Netns netns = TRY_ANSWER(OpenContainerNetns(call.request.netns));
  const Store store = TRY_ANSWER(OpenStore(call.paths));
  const AttachmentKey key = call.Key(config.header);
  const auto lock = TRY_OR(Code::kFailed, store.locks().OneAttachment(key.Id()));
  TRY_ANSWER(ClearTheWay(call, store, key.Id()));

  const Record record = TRY_ANSWER(store.Reserve(key, config));
  auto result = Make({.call = call, .config = config, .netns = netns, .store = store}, record);
  // Nothing is left to do but to close the firewall's socket.
  if (result) return Done{.out = *std::move(result), .afterwards = [] {}};
  Undo(call, store, record);
  return tl::unexpected(std::move(result).error());
}

}  // namespace berth::net::cni
