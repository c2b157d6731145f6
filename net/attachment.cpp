#include "net/attachment.h"

#include "base/steps.h"
#include "base/text.h"
#include "net/check_attachment.h"
#include "net/firewall/host_table.h"
#include "net/legs.h"
#include "net/links/addressing.h"
#include "net/links/host_links.h"
#include "net/links/lan.h"
#include "net/links/link_settings.h"
#include "net/links/veth.h"
#include "net/name.h"
#include "net/netns_pool.h"

namespace berth::net {
namespace {

/// How the names of an owner's interfaces on the host begin: they say it before the alias does.
std::string_view LinkPrefix(Owner owner) { return owner == Owner::kCni ? "bc" : "bt"; }

/// What the steps of Attach work on.
struct Attaching {
  const Attachment& attachment;
  const Netns& task;
  const std::string& lock_path;
  NetlinkSocket host_links;
  PooledNetns* pooled = nullptr;
  NetlinkSocket* task_links = nullptr;
  std::optional<NetlinkSocket> own_task_links = {};
  Veth veth = {};
  bool begun = false;  // there is something of this attachment to undo
};

/// The parent of a subnet on a LAN, if it is one.
Result<std::optional<LanParent>> PrepareLan(Attaching& at) {
  const Attachment& attachment = at.attachment;
  if (!attachment.subnet.IsOnLan()) return std::optional<LanParent>();
  for (const Leg& leg : LegsOf(attachment)) {
    if (!IsLocal(at.host_links, leg.address)) continue;
    return MakeError("{} is an address of the host's own: leave it out of subnet {}",
                     leg.address.Format(), attachment.subnet.subnetId);
  }
  return std::optional(TRY(PrepareParent(at.host_links, attachment.subnet)));
}

Result<void> CheckHostAddresses(Attaching& at) {
  for (const PublishedPort& port : at.attachment.ports) {
    if (!port.hostAddress || IsLocal(at.host_links, *port.hostAddress)) continue;
    return MakeError("host port {}: the host has no such address", FormatHostPort(port));
  }
  return {};
}

Result<void> PrepareHost(Attaching& at) {
  const Attachment& attachment = at.attachment;
  TRY(CheckHostAddresses(at));
  if (TRY(FindHostLink(at.host_links, HostInterfaceName(attachment.id)))) {
    return MakeError("it is attached already");
  }
  TRY(EnableIpv4Forwarding(at.host_links));
  if (attachment.ipv6Address) TRY(EnableIpv6Forwarding());
  const auto parent = TRY(PrepareLan(at));
  int mtu = attachment.subnet.mtu;
  if (mtu == 0) mtu = parent ? parent->mtu : TRY(DefaultMtu(at.host_links));
  at.veth = {.id = attachment.id,
             .hostName = HostInterfaceName(attachment.id),
             .taskName = attachment.interfaceName,
             .hostMac = MacAddress::Derive("host " + attachment.id),
             .taskMac = attachment.mac,
             .legs = LegsOf(attachment),
             .mtu = mtu,
             .spare = at.pooled == nullptr ? std::nullopt : std::optional(at.pooled->veth),
             .parent = parent ? parent->index : 0};
  // In a pooled namespace there is nobody yet who could send: its pins come with the rest.
  if (at.pooled == nullptr) TRY(TRY(HostTable::Lock(at.lock_path)).Pin(attachment));
  at.begun = true;
  return {};
}

Result<void> MakeVeth(Attaching& at) {
  return at.veth.spare ? Result<void>() : CreateVeth(at.host_links, at.veth, at.task);
}

Result<void> SetUpTaskEnd(Attaching& at) {
  // What is pooled has been prepared, for IPv4.
  if (at.pooled != nullptr && !at.veth.HasIpv6()) {
    at.task_links = &at.pooled->task_links;
  } else {
    at.task_links = &at.own_task_links.emplace(TRY(PrepareTaskEnd(at.veth, at.task)));
  }
  return ConfigureTaskEnd(*at.task_links, at.veth);
}

Result<void> SetUpHostEnd(Attaching& at) { return ConfigureHostEnd(at.host_links, at.veth); }

Result<void> AnswerOnLan(Attaching& at) {
  if (!at.attachment.subnet.IsOnLan()) return {};
  // Under the lock: whoever looks for proxies without a route must not miss ours.
  const HostTable lock = TRY(HostTable::Lock(at.lock_path));
  return SetProxies(at.host_links);
}

Result<void> LimitBothWays(Attaching& at) {
  return LimitBandwidth(at.host_links, at.veth.hostName, at.attachment.bandwidth);
}

Result<void> AwaitCarrier(Attaching& at) {
  return WaitUntilReady(at.host_links, *at.task_links, at.veth);
}

Result<void> Admit(Attaching& at) {
  HostTable table = TRY(HostTable::Lock(at.lock_path));
  if (!at.attachment.currentGroups) return table.Admit(at.attachment);
  Attachment current = at.attachment;
  current.groups = TRY(current.currentGroups());
  TRY(CheckGroups(current.groups));
  return table.Admit(current);
}

constexpr Step<Attaching> kAttachSteps[] = {
    {"prepare host", PrepareHost},
    {"veth", MakeVeth},
    {"task end", SetUpTaskEnd},
    {"host end", SetUpHostEnd},
    {"proxies", AnswerOnLan},
    {"bandwidth", LimitBothWays},
    {"carrier", AwaitCarrier},
    // Last: until here the firewall drops whatever comes from the interface.
    {"firewall", Admit},
};

Result<void> TakeSteps(const Attachment& attachment, const Netns& task, PooledNetns* pooled,
                       const std::string& lock_path) {
  TRY(CheckAttachment(attachment));
  NetlinkSocket host_links = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  Attaching at{.attachment = attachment,
               .task = task,
               .lock_path = lock_path,
               .host_links = std::move(host_links),
               .pooled = pooled};
  const auto attached =
      RunSteps<Attaching>("net.attach", kAttachSteps, at).Context("attach {}", attachment.id);
  if (attached || !at.begun) return attached;
  const auto undone = Detach(attachment.id, LinkEnd::kDeleteNow, lock_path);
  if (undone) return attached;
  return MakeError("{}; and then {}", attached.error().message(), undone.error().message());
}

/// Failures of a tear-down that carries on past them.
class Failures {
 public:
  template <typename T>
  void Note(const char* what, const Result<T>& result) {
    if (!result) messages_.push_back(fmt::format("{}: {}", what, result.error().message()));
  }
  Result<void> Check() const {
    if (messages_.empty()) return {};
    return Error(Join(messages_, "; "));
  }

 private:
  std::vector<std::string> messages_;
};

Result<void> RemoveElements(const std::string& lock_path, const std::string& id) {
  return TRY(HostTable::Lock(lock_path)).Remove(id);
}

Result<void> EndLink(NetlinkSocket& host, const std::string& id, LinkEnd link_end) {
  const std::string name = HostInterfaceName(id);
  const auto link = TRY(FindHostLink(host, name));
  if (link_end == LinkEnd::kDiesWithNamespace) return link ? CutOff(host, *link) : Result<void>();
  std::vector<HostLink> links;
  if (link) links.push_back(*link);
  if (const auto limiter = TRY(FindHostLink(host, LimiterName(name)))) links.push_back(*limiter);
  return DeleteLinks(host, links);
}

/// Takes away the proxies whose attachments have gone. Hosts without a LAN pay one question.
Result<void> EndProxies(NetlinkSocket& host, const std::string& lock_path) {
  if (!TRY(HasProxies(host))) return {};
  const HostTable lock = TRY(HostTable::Lock(lock_path));
  return SetProxies(host);
}

}  // namespace

Owner OwnerOf(std::string_view id) {
  return id.starts_with(kCniIdPrefix) ? Owner::kCni : Owner::kAgent;
}

std::string FormatHostPort(const PublishedPort& port) {
  const std::string_view protocol = Name(port.protocol);
  if (!port.hostAddress) return fmt::format("{}/{}", port.hostPort, protocol);
  const bool ipv4 = port.hostAddress->IsIpv4();
  return fmt::format("{}{}{}:{}/{}", ipv4 ? "" : "[", port.hostAddress->Format(), ipv4 ? "" : "]",
                     port.hostPort, protocol);
}

std::string HostInterfaceName(const std::string& id) {
  return fmt::format("{}{:012x}", LinkPrefix(OwnerOf(id)), HashName(id) & 0xffffffffffff);
}

Result<void> Attach(const Attachment& attachment, const Netns& task, const std::string& lock_path) {
  return TakeSteps(attachment, task, nullptr, lock_path);
}

Result<void> Attach(const Attachment& attachment, PooledNetns& pooled,
                    const std::string& lock_path) {
  return TakeSteps(attachment, pooled.netns, &pooled, lock_path);
}

Result<void> Detach(const std::string& id, LinkEnd link_end, const std::string& lock_path) {
  Failures failures;
  failures.Note("firewall", RemoveElements(lock_path, id));
  failures.Note("firewall", FaultPoint("net.detach", "firewall"));
  if (auto host = NetlinkSocket::Open(NETLINK_ROUTE)) {
    failures.Note("interface", EndLink(*host, id, link_end));
    failures.Note("proxies", EndProxies(*host, lock_path));
  } else {
    failures.Note("interface", host);
  }
  return failures.Check().Context("detach {}", id);
}

Result<std::optional<Restoration>> RestoreFirewall(const std::string& lock_path, uint32_t change) {
  return TRY(HostTable::Lock(lock_path)).Restore(change);
}

Result<std::optional<Restoration>> RestoreLostFirewall(const std::string& lock_path) {
  return TRY(HostTable::Lock(lock_path)).RestoreIfGone();
}

Result<void> RestoreProxies(const std::string& lock_path) {
  const HostTable lock = TRY(HostTable::Lock(lock_path));
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  return SetProxies(host);
}

Result<void> ForgetFlows(const std::vector<IpAddress>& addresses, const std::string& lock_path) {
  if (addresses.empty()) return {};
  return TRY(HostTable::Lock(lock_path)).ForgetFlowsOf(addresses).Context("forget flows");
}

Result<Sweep> SweepExcept(const std::set<std::string>& live_ids, const std::string& lock_path,
                          Owner owner) {
  HostTable firewall = TRY(HostTable::Lock(lock_path));
  return SweepExcept(live_ids, firewall, owner);
}

Result<Sweep> SweepExcept(const std::set<std::string>& live_ids, HostTable& firewall, Owner owner) {
  // What is another Berth's is not ours to sweep.
  TRY(firewall.CheckOwner());
  std::set<std::string> live_names;
  for (const std::string& id : live_ids) {
    const std::string name = HostInterfaceName(id);
    live_names.insert({name, LimiterName(name)});
  }
  Sweep sweep;
  TableRemoval removal = TRY(firewall.Remove(
      [&](const std::string& id) { return OwnerOf(id) == owner && !live_ids.contains(id); }));
  sweep.ids = std::move(removal.ids);
  sweep.table = removal.table;
  std::vector<HostLink> dead;
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  for (HostLink& link : TRY(ListHostLinks(host))) {
    if (!link.name.starts_with(LinkPrefix(owner)) || live_names.contains(link.name)) continue;
    sweep.interfaces.push_back(link.name);
    dead.push_back(std::move(link));
  }
  TRY(DeleteLinks(host, dead));
  TRY(SetProxies(host));
  return sweep;
}

}  // namespace berth::net
