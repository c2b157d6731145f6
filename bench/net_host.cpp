#include "bench/net_host.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>

#include "base/sys.h"
#include "net/firewall/admission.h"
#include "net/firewall/elements.h"
#include "net/firewall/ledger.h"
#include "net/nft/batch.h"

namespace berth::bench {
namespace {

/// HTTP from everywhere, everything from its own members; to everywhere everything.
net::SecurityGroup Group() {
  net::SecurityGroup group = net::DefaultGroup("sg-bench");
  group.ingress.push_back(
      {.protocol = IPPROTO_TCP, .ports = net::PortRange{80, 80}, .peer = net::Ipv4Cidr()});
  return group;
}

}  // namespace

net::Attachment PlanTask(size_t number) {
  constexpr uint32_t kFirstAddress = 16;
  constexpr size_t kFirstPort = 20000;
  const std::string id = fmt::format("bench-{}", number);
  net::Attachment task{
      .id = id,
      .subnet = *net::MakeSubnet("subnet-bench", *net::Ipv4Cidr::Parse("10.64.0.0/15")),
      .mac = net::MacAddress::Derive(id),
      .ports = {{.hostPort = static_cast<uint16_t>(kFirstPort + number), .containerPort = 80}},
      .groups = {Group()}};
  task.address = task.subnet.cidrBlock->Network() + kFirstAddress + static_cast<uint32_t>(number);
  return task;
}

size_t EntriesOfTask() {
  const net::Attachment task = PlanTask(0);
  return net::PinsOf(task).size() + net::PassagesOf(task).size();
}

Result<NetHost> NetHost::Make(const std::string& directory) {
  TRY(sys::MakeDirectories(directory, 0700));
  return NetHost(TRY(net::Netns::Create()), directory + "/net.lock");
}

Result<void> NetHost::Enter() const { return sys::Setns(netns_.fd(), CLONE_NEWNET); }

Result<void> NetHost::Load(size_t count) const {
  const net::Ledger ledger(lock_);
  for (size_t number = 0; number < count; ++number) {
    const net::Attachment task = PlanTask(number);
    const auto shared = net::SharedBy(task);
    TRY(ledger.Put(task.id, net::Admission(task).With(shared)));
  }
  TRY(Enter());
  TRY(net::RestoreFirewall(lock_, 0));
  return {};
}

Result<void> NetHost::DropTable() const {
  auto socket = TRY(net::NetlinkSocket::Open(NETLINK_NETFILTER));
  return net::NftBatch().DeleteTable().Commit(socket);
}

}  // namespace berth::bench
