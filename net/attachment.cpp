#include "net/attachment.h"

#include <fcntl.h>

#include "base/files.h"
#include "base/log.h"
#include "base/steps.h"
#include "base/text.h"
#include "net/firewall/host_table.h"
#include "net/links/bandwidth.h"
#include "net/links/links.h"
#include "net/name.h"
#include "net/resolver_endpoint.h"

namespace berth::net {
namespace {

constexpr size_t kGroupsPerAttachment = 5;

/// What the steps of Attach work on.
struct Attaching {
  const Attachment& attachment;
  const Netns& task;
  const std::string& lock_path;
  NetlinkSocket host_links;
  std::optional<NetlinkSocket> task_links = {};
  Veth veth = {};
  bool begun = false;  // there is something of this attachment to undo
};

Result<void> Check(const Attachment& attachment) {
  if (!IsName(attachment.id)) {
    return MakeError("the id of the attachment, \"{}\": {}", attachment.id, kNameRule);
  }
  const Subnet& subnet = attachment.subnet;
  if (!subnet.cidrBlock.Contains(attachment.address) || attachment.address == subnet.gateway) {
    return MakeError("{} is no address for a task in subnet {} ({})", attachment.address.Format(),
                     subnet.subnetId, subnet.cidrBlock.Format());
  }
  if (attachment.groups.size() > kGroupsPerAttachment) {
    return MakeError("{} security groups; {} are allowed", attachment.groups.size(),
                     kGroupsPerAttachment);
  }
  for (const SecurityGroup& group : attachment.groups) TRY(CheckGroup(group));
  return {};
}

Result<void> EnableForwarding() {
  constexpr const char* kPath = "/proc/sys/net/ipv4/ip_forward";
  if (Trim(TRY(ReadFile(kPath))) != "0") return {};
  TRY(WriteControlFile(AT_FDCWD, kPath, "1"));
  log::Info("net.ipv4.ip_forward was off and is on now: tasks need it");
  return {};
}

Result<void> PrepareHost(Attaching& at) {
  const Attachment& attachment = at.attachment;
  if (TRY(FindHostLink(at.host_links, HostInterfaceName(attachment.id)))) {
    return MakeError("it is attached already");
  }
  TRY(EnableForwarding());
  at.veth = {
      .id = attachment.id,
      .hostName = HostInterfaceName(attachment.id),
      .hostMac = MacAddress::Derive("host " + attachment.id),
      .taskMac = attachment.mac,
      .address = attachment.address,
      .gateway = attachment.subnet.gateway,
      .mtu = attachment.subnet.mtu > 0 ? attachment.subnet.mtu : TRY(DefaultMtu(at.host_links))};
  TRY(TRY(HostTable::Lock(at.lock_path)).Pin(attachment));
  at.begun = true;
  return {};
}

Result<void> MakeVeth(Attaching& at) { return CreateVeth(at.host_links, at.veth, at.task); }

Result<void> SetUpTaskEnd(Attaching& at) {
  // The socket belongs to the task's namespace wherever it is used.
  at.task_links = TRY(at.task.Run([] { return NetlinkSocket::Open(NETLINK_ROUTE); }));
  return ConfigureTaskEnd(*at.task_links, at.veth);
}

Result<void> SetUpHostEnd(Attaching& at) { return ConfigureHostEnd(at.host_links, at.veth); }

Result<void> AwaitCarrier(Attaching& at) { return WaitForCarrier(*at.task_links); }

Result<void> Admit(Attaching& at) {
  return TRY(HostTable::Lock(at.lock_path)).Admit(at.attachment);
}

constexpr Step<Attaching> kAttachSteps[] = {
    {"prepare host", PrepareHost},
    {"veth", MakeVeth},
    {"task end", SetUpTaskEnd},
    {"host end", SetUpHostEnd},
    {"carrier", AwaitCarrier},
    // Last: until here the firewall drops whatever comes from the interface.
    {"firewall", Admit},
};

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

Result<TableRemoval> RemoveElements(const std::string& lock_path,
                                    const std::function<bool(const std::string& id)>& doomed) {
  HostTable table = TRY(HostTable::Lock(lock_path));
  TableRemoval removal = TRY(table.Remove(doomed));
  if (removal.table) TRY(RemoveLeftDetour());
  return removal;
}

Result<void> EndLink(const std::string& id, LinkEnd link_end) {
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  std::vector<HostLink> links;
  if (auto link = TRY(FindHostLink(host, HostInterfaceName(id)))) links.push_back(*std::move(link));
  if (auto limiter = FindLimiter(id)) links.push_back(*std::move(limiter));
  return link_end == LinkEnd::kDeleteNow ? DeleteLinks(host, links) : DeleteRoutes(host, links);
}

}  // namespace

std::string HostInterfaceName(const std::string& id) {
  return fmt::format("bt{:012x}", HashName(id) & 0xffffffffffff);
}

Result<void> Attach(const Attachment& attachment, const Netns& task, const std::string& lock_path) {
  TRY(Check(attachment));
  Attaching at{.attachment = attachment,
               .task = task,
               .lock_path = lock_path,
               .host_links = TRY(NetlinkSocket::Open(NETLINK_ROUTE))};
  const auto attached =
      RunSteps<Attaching>("net.attach", kAttachSteps, at).Context("attach {}", attachment.id);
  if (attached || !at.begun) return attached;
  const auto undone = Detach(attachment.id, LinkEnd::kDeleteNow, lock_path);
  if (undone) return attached;
  return MakeError("{}; and then {}", attached.error().message(), undone.error().message());
}

Result<void> Detach(const std::string& id, LinkEnd link_end, const std::string& lock_path) {
  Failures failures;
  failures.Note("firewall",
                RemoveElements(lock_path, [&](const std::string& owner) { return owner == id; }));
  failures.Note("firewall", FaultPoint("net.detach", "firewall"));
  failures.Note("interface", EndLink(id, link_end));
  return failures.Check().Context("detach {}", id);
}

Result<Sweep> SweepExcept(const std::set<std::string>& live_ids, const std::string& lock_path) {
  std::set<std::string> live_names;
  for (const std::string& id : live_ids) {
    live_names.insert({HostInterfaceName(id), LimiterName(id)});
  }
  Sweep sweep;
  TableRemoval removal = TRY(RemoveElements(
      lock_path, [&](const std::string& owner) { return !live_ids.contains(owner); }));
  sweep.ids = std::move(removal.ids);
  sweep.table = removal.table;
  std::vector<HostLink> dead;
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  std::vector<HostLink> links = TRY(ListHostLinks(host));
  for (HostLink& limiter : TRY(ListLimiters(host))) links.push_back(std::move(limiter));
  for (HostLink& link : links) {
    if (live_names.contains(link.name)) continue;
    sweep.interfaces.push_back(link.name);
    dead.push_back(std::move(link));
  }
  TRY(DeleteLinks(host, dead));
  return sweep;
}

}  // namespace berth::net
