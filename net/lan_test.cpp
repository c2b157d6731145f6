// Attachments with addresses of the host's LAN: a second machine there knows nothing of the host.
//
//     task --- host  lan0 192.168.7.2/24 -------- eth0 192.168.7.1/24  machine, the LAN's router
//                         fd00:7::2/64                 fd00:7::1/64
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/files.h"
#include "base/text.h"
#include "net/links/link_monitor.h"
#include "net/test_host.h"
#include "net/test_packets.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kIp = "/usr/sbin/ip";

class LanTest : public TestHost {
 protected:
  void SetUp() override {
    TestHost::SetUp();
    if (!host_) return;
    auto machine = Netns::Create();
    ASSERT_TRUE(machine);
    machine_ = *std::move(machine);
    const std::string place = fmt::format("/proc/{}/fd/{}", ::getpid(), machine_.fd());
    Output({kIp, "link", "add", "lan0", "type", "veth", "peer", "name", "eth0", "netns", place});
    Join("lan0", "192.168.7.2/24", "fd00:7::2/64");
    In(machine_, [] { Join("eth0", "192.168.7.1/24", "fd00:7::1/64"); });
    Output({kIp, "route", "add", "default", "via", "192.168.7.1"});
    // What comes with it is not to look like something left behind.
    EXPECT_TRUE(WriteControlFile(AT_FDCWD, "/proc/sys/net/ipv6/conf/all/forwarding", "1"));
    // The kernel makes the pair ready some time later, and loses what asks for neighbours until
    // then.
    for (int tries = 0; tries < 10; ++tries) {
      if (Connect(host_, "fd00:7::1", 9) == Reach::kRefused) break;
    }
    before_ = Dump();
  }

  static void Join(const std::string& name, const std::string& address, const std::string& six) {
    const std::string setting = fmt::format("/proc/sys/net/ipv6/conf/{}/", name);
    EXPECT_TRUE(WriteControlFile(AT_FDCWD, setting + "disable_ipv6", "0"));
    EXPECT_TRUE(WriteControlFile(AT_FDCWD, setting + "accept_dad", "0"));
    Output({kIp, "address", "add", address, "dev", name});
    Output({kIp, "address", "add", six, "dev", name, "nodad"});
    Output({kIp, "link", "set", name, "up"});
  }

  static void In(const Netns& where, const std::function<void()>& work) {
    const auto ran = where.Run([&]() -> Result<void> {
      work();
      return {};
    });
    EXPECT_TRUE(ran);
  }
  static std::string OutputIn(const Netns& where, const std::vector<std::string>& argv) {
    std::string output;
    In(where, [&] { output = Output(argv); });
    return output;
  }

  /// A part of the LAN's blocks; the address is 192.168.7.`last` and fd00:7::1:`last`.
  Attachment PlanOnLan(const std::string& id, int last,
                       std::vector<SecurityGroup> groups = {}) const {
    Attachment plan = Plan(id, last, std::move(groups));
    Subnet subnet = *MakeSubnet("subnet-lan", {.ipv4 = *Ipv4Cidr::Parse("192.168.7.128/26"),
                                               .ipv6 = *Ipv6Cidr::Parse("fd00:7::1:0/112")});
    subnet.parent = "lan0";
    subnet.masquerade = Masquerade::kNever;
    plan.subnet = *WithGateways(subnet, {.ipv4 = "192.168.7.1", .ipv6 = "fd00:7::1"});
    plan.address = Ipv4Cidr::Parse("192.168.7.0/24")->Network() + static_cast<uint32_t>(last);
    plan.ipv6Address = plan.subnet.ipv6CidrBlock->Network() + static_cast<uint64_t>(last);
    return plan;
  }

  std::string Failure(const Attachment& plan) const {
    const auto task = Netns::Create();
    const auto attached = Attach(plan, *task, lock_);
    return attached ? "" : attached.error().message();
  }

  void Stop(const std::string& id, LinkEnd end = LinkEnd::kDeleteNow) const {
    const auto detached = Detach(id, end, lock_);
    EXPECT_TRUE(detached) << detached.error().message();
  }

  /// The host but for what it has learnt of others.
  static std::string Dump() {
    std::string dump;
    for (const std::string& line : Split(DumpHost(), '\n')) {
      const bool learnt = line.find(" dev lan0 lladdr ") != std::string::npos ||
                          line.find(" dev lan0 FAILED") != std::string::npos;
      if (!learnt) dump += line + "\n";
    }
    return dump;
  }

  static std::string Proxies() { return Output({kIp, "neighbour", "show", "proxy"}); }

  Netns machine_;
  std::string before_;
};

SecurityGroup Web() {
  return {.id = "sg-web",
          .ingress = {
              {.protocol = IPPROTO_TCP, .ports = PortRange{80, 80}, .peer = Ipv4Cidr()},
              {.protocol = IPPROTO_TCP, .ports = PortRange{80, 80}, .peer = Ipv6Cidr()},
          }};
}

TEST_F(LanTest, MachinesReachItWithoutRoutes) {
  const Netns task = Start(PlanOnLan("aa11", 133, {Web()}));
  Server web(task, Protocol::kTcp, 80, "::");
  EXPECT_EQ(Connect(machine_, "192.168.7.133", 80), Reach::kConnected);
  EXPECT_EQ(web.Peer(), "::ffff:192.168.7.1") << "the machine's own address";
  EXPECT_EQ(Connect(machine_, "fd00:7::1:85", 80), Reach::kConnected);
  EXPECT_EQ(web.Peer(), "fd00:7::1");
  EXPECT_EQ(Connect(host_, "192.168.7.133", 80), Reach::kConnected) << "and the host does";
  const std::string link = Output({kIp, "-br", "link", "show", "lan0"});
  const size_t mac = link.find(':') - 2;
  EXPECT_THAT(OutputIn(machine_, {kIp, "neighbour", "show", "192.168.7.133"}),
              HasSubstr(link.substr(mac, 17)));
}

TEST_F(LanTest, ItReachesMachinesUnderItsOwnAddress) {
  const Netns task = Start(PlanOnLan("aa11", 133, {DefaultGroup()}));
  Server server(machine_, Protocol::kTcp, 443);
  Server six(machine_, Protocol::kTcp, 444, "::");
  EXPECT_EQ(Connect(task, "192.168.7.1", 443), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "192.168.7.133");
  EXPECT_EQ(Connect(task, "fd00:7::1", 444), Reach::kConnected);
  EXPECT_EQ(six.Peer(), "fd00:7::1:85");
  EXPECT_THAT(OutputIn(task, {kIp, "route", "show"}),
              HasSubstr("default via 192.168.7.1 dev eth0 proto 66 onlink"));
}

TEST_F(LanTest, GroupsHoldBothWays) {
  const Netns task = Start(PlanOnLan("aa11", 133, {Web()}));
  Server web(task, Protocol::kTcp, 80, "::");
  Server other(task, Protocol::kTcp, 81, "::");
  Server outside(machine_, Protocol::kTcp, 443);
  for (const char* address : {"192.168.7.133", "fd00:7::1:85"}) {
    EXPECT_EQ(Connect(machine_, address, 80), Reach::kConnected) << address;
    EXPECT_EQ(Connect(machine_, address, 81), Reach::kSilence) << address;
  }
  EXPECT_EQ(Connect(task, "192.168.7.1", 443), Reach::kSilence) << "sg-web lets nothing out";
}

TEST_F(LanTest, GroupsHoldBetweenTasks) {
  const Netns web = Start(PlanOnLan("aa11", 133, {Web()}));
  const Netns member = Start(PlanOnLan("bb22", 134, {DefaultGroup()}));
  const Netns peer = Start(PlanOnLan("cc33", 135, {DefaultGroup()}));
  const Netns routed = Start(Plan("dd44", 5, {DefaultGroup()}));
  Server allowed(web, Protocol::kTcp, 80, "::");
  Server refused(web, Protocol::kTcp, 81, "::");
  Server inner(peer, Protocol::kTcp, 7000, "::");
  EXPECT_EQ(Connect(member, "192.168.7.133", 80), Reach::kConnected);
  EXPECT_EQ(allowed.Peer(), "::ffff:192.168.7.134");
  EXPECT_EQ(Connect(member, "192.168.7.133", 81), Reach::kSilence);
  EXPECT_EQ(Connect(member, "fd00:7::1:87", 7000), Reach::kConnected);
  EXPECT_EQ(Connect(routed, "192.168.7.135", 7000), Reach::kConnected) << "of the group as well";
  EXPECT_EQ(Connect(web, "192.168.7.135", 7000), Reach::kSilence);
  EXPECT_EQ(Connect(machine_, "192.168.7.135", 7000), Reach::kSilence);
}

TEST_F(LanTest, ATaskCannotTakeAnotherAddressOfTheLan) {
  const Netns task = Start(PlanOnLan("aa11", 133, {DefaultGroup()}));
  In(task, [] {
    Output({kIp, "address", "add", "192.168.7.99/24", "dev", "eth0"});
    Output({kIp, "address", "add", "fd00:7::99/64", "dev", "eth0", "nodad"});
  });
  Server taken(task, Protocol::kTcp, 80, "::");
  EXPECT_EQ(Connect(machine_, "192.168.7.99", 80), Reach::kSilence) << "ARP is answered by none";
  EXPECT_EQ(Connect(machine_, "fd00:7::99", 80), Reach::kSilence);
  PacketPort from(task), to(machine_);
  const auto send = [&](const char* source, const char* destination, uint16_t number) {
    const FirstPacket packet = {.protocol = IPPROTO_UDP,
                                .source = *IpAddress::Parse(source),
                                .destination = *IpAddress::Parse(destination),
                                .destinationPort = 53};
    from.Send(packet, number);
  };
  send("192.168.7.99", "192.168.7.1", 1001);
  send("192.168.7.2", "192.168.7.1", 1002);
  send("fd00:7::99", "fd00:7::1", 1003);
  send("192.168.7.133", "192.168.7.1", 1004);
  send("fd00:7::1:85", "fd00:7::1", 1005);
  EXPECT_EQ(to.Arrived({1004, 1005}), (std::set<uint16_t>{1004, 1005}));
}

TEST_F(LanTest, AMachineCannotSpeakAsATask) {
  const Netns one = Start(PlanOnLan("aa11", 133, {DefaultGroup()}));
  const Netns two = Start(PlanOnLan("bb22", 134, {DefaultGroup()}));
  PacketPort machine(machine_), member(one), to(two);
  const auto to_two = [](const char* source, uint16_t number, PacketPort& from) {
    const IpAddress address = *IpAddress::Parse(source);
    const char* destination = address.IsIpv4() ? "192.168.7.134" : "fd00:7::1:86";
    from.Send({.protocol = IPPROTO_UDP,
               .source = address,
               .destination = *IpAddress::Parse(destination),
               .destinationPort = 53},
              number);
  };
  // The first is known to the kernel as a flow, when another continues it.
  to_two("192.168.7.133", 1001, member);
  to_two("fd00:7::1:85", 1002, member);
  EXPECT_EQ(to.Arrived({1001, 1002}), (std::set<uint16_t>{1001, 1002}));
  to_two("192.168.7.133", 1001, machine);
  to_two("fd00:7::1:85", 1002, machine);
  to_two("192.168.7.133", 1003, machine);
  to_two("fd00:7::1:85", 1004, machine);
  to_two("192.168.7.133", 1005, member);
  EXPECT_EQ(to.Arrived({1005, 1006}), (std::set<uint16_t>{1005}));
}

TEST_F(LanTest, WhatATaskSaysByArpStaysOnItsLink) {
  const Netns task = Start(PlanOnLan("aa11", 133, {DefaultGroup()}));
  Server server(machine_, Protocol::kTcp, 443);
  EXPECT_EQ(Connect(host_, "192.168.7.1", 443), Reach::kConnected);
  const auto heard = [&] { return OutputIn(machine_, {kIp, "-s", "neighbour"}); };
  // It says that it is the router: to the host, and by it to nobody.
  In(task, [] {
    Output({kIp, "address", "add", "192.168.7.1/32", "dev", "eth0"});
    Output({kIp, "link", "set", "eth0", "address", "02:00:00:00:00:66"});
    EXPECT_TRUE(WriteControlFile(AT_FDCWD, "/proc/sys/net/ipv4/conf/eth0/arp_notify", "1"));
    Output({kIp, "link", "set", "eth0", "down"});
    Output({kIp, "link", "set", "eth0", "up"});
  });
  EXPECT_THAT(heard(), Not(HasSubstr("02:00:00:00:00:66")));
  EXPECT_EQ(Connect(host_, "192.168.7.1", 443), Reach::kConnected);
  EXPECT_THAT(Output({kIp, "neighbour", "show", "192.168.7.1"}),
              Not(HasSubstr("02:00:00:00:00:66")));
}

TEST_F(LanTest, NothingIsLeft) {
  {
    const Netns one = Start(PlanOnLan("aa11", 133, {DefaultGroup()}));
    const Netns two = Start(PlanOnLan("bb22", 134, {DefaultGroup()}));
    EXPECT_THAT(Proxies(), HasSubstr("192.168.7.133 dev lan0 proxy"));
    EXPECT_THAT(Proxies(), HasSubstr("fd00:7::1:85 dev lan0 proxy"));
    Stop("aa11");
    EXPECT_THAT(Proxies(), Not(HasSubstr("192.168.7.133")));
    EXPECT_THAT(Proxies(), HasSubstr("192.168.7.134 dev lan0 proxy"));
    EXPECT_EQ(Connect(machine_, "192.168.7.133", 80), Reach::kSilence);
    Stop("bb22", LinkEnd::kDiesWithNamespace);
    EXPECT_EQ(Proxies(), "");
  }
  for (int tries = 0; tries < 100 && Dump() != before_; ++tries) ::usleep(20'000);
  EXPECT_EQ(Dump(), before_);
}

TEST_F(LanTest, ASweepTakesWhatIsLeftOver) {
  { const Netns lost = Start(PlanOnLan("aa11", 133)); }  // nobody detaches it
  Output({kIp, "neighbour", "add", "proxy", "192.168.7.70", "dev", "lan0"});
  const auto swept = SweepExcept({}, lock_);
  ASSERT_TRUE(swept) << swept.error().message();
  EXPECT_EQ(swept->ids, std::set<std::string>{"aa11"});
  EXPECT_EQ(Trim(Proxies()), "192.168.7.70 dev lan0 proxy") << "it is not ours";
}

TEST_F(LanTest, ProxiesComeBackAfterTheParentWasDown) {
  const Netns task = Start(PlanOnLan("aa11", 133, {Web()}));
  Server web(task, Protocol::kTcp, 80, "::");
  Output({kIp, "link", "set", "lan0", "down"});
  Output({kIp, "link", "set", "lan0", "up"});
  Output({kIp, "neighbour", "flush", "dev", "lan0"});
  EXPECT_EQ(Proxies(), "");
  const auto restored = RestoreProxies(lock_);
  ASSERT_TRUE(restored) << restored.error().message();
  EXPECT_EQ(Connect(machine_, "192.168.7.133", 80), Reach::kConnected);
  EXPECT_TRUE(RestoreProxies(lock_)) << "repeating it is no error";
}

TEST_F(LanTest, TheMonitorHearsOfForeignInterfacesAlone) {
  auto monitor = LinkMonitor::Open();
  ASSERT_TRUE(monitor) << monitor.error().message();
  const Netns task = Start(PlanOnLan("aa11", 133));
  EXPECT_FALSE(*monitor->Take()) << "an interface of a task";
  Output({kIp, "link", "set", "lan0", "down"});
  EXPECT_FALSE(*monitor->Take());
  Output({kIp, "link", "set", "lan0", "up"});
  EXPECT_TRUE(*monitor->Take());
}

TEST_F(LanTest, RefusesAHostThatIsNotInItsPlace) {
  Attachment plan = PlanOnLan("aa11", 133);
  plan.subnet.parent = "lan9";
  EXPECT_EQ(Failure(plan),
            "attach aa11: prepare host: subnet subnet-lan: the host has no interface lan9");
  plan.subnet.parent = "lo";
  EXPECT_THAT(Failure(plan), HasSubstr("lo is no Ethernet interface"));
  plan = PlanOnLan("aa11", 133);
  plan.subnet.gateway = *Ipv4::Parse("192.168.7.3");
  EXPECT_THAT(Failure(plan), HasSubstr("the gateway is 192.168.7.3, but the host's default route "
                                       "leads by 192.168.7.1"));
  plan.subnet.gateway = *Ipv4::Parse("192.168.8.1");
  EXPECT_THAT(Failure(plan), HasSubstr("the gateway 192.168.8.1 is no neighbour of this host on "
                                       "lan0"));
  Output({kIp, "address", "add", "192.168.7.133/24", "dev", "lan0"});
  EXPECT_THAT(Failure(PlanOnLan("aa11", 133)),
              HasSubstr("192.168.7.133 is an address of the host's own"));
  Output({kIp, "address", "del", "192.168.7.133/24", "dev", "lan0"});
  Output({kIp, "route", "del", "default"});
  const Netns outside = MakeOutside();
  EXPECT_THAT(Failure(PlanOnLan("aa11", 133)),
              HasSubstr("the host's default route does not lead by lan0"));
}

}  // namespace
}  // namespace berth::net
