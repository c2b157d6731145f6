// Rules that change while attachments are in the group.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/firewall/host_table.h"
#include "net/firewall/judge.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

class ChangeTest : public TestHost {
 protected:
  static SecurityGroup Web(uint16_t port) {
    SecurityGroup group = DefaultGroup("sg-web");
    group.ingress = {{.protocol = IPPROTO_TCP, .ports = PortRange{port, port}, .peer = Ipv4Cidr()},
                     {.protocol = IPPROTO_UDP, .ports = PortRange{port, port}, .peer = Ipv4Cidr()}};
    return group;
  }
  void Change(const SecurityGroup& group) {
    auto table = HostTable::Lock(lock_);
    ASSERT_TRUE(table) << table.error().message();
    const auto changed = table->ChangeRules(group);
    EXPECT_TRUE(changed) << changed.error().message();
  }
  // Ends what the group now forbids its one member; returns how many flows that were.
  size_t Cut(const SecurityGroup& group, const char* member) {
    const GroupsAtWork at_work = {.groups = {{group.id, group}},
                                  .members = {{group.id, {*IpAddress::Parse(member)}}}};
    auto table = HostTable::Lock(lock_);
    const auto count = table->ForgetFlowsIf([&](const TrackedFlow& flow) {
      return AreRefusing(at_work, {group.id}, FirstPacketOf(flow));
    });
    EXPECT_TRUE(count) << count.error().message();
    return count ? *count : 0;
  }
};

TEST_F(ChangeTest, NewFlowsMeetTheNewRulesAtOnce) {
  const Netns task = Start(Plan("web", 5, {Web(80)}));
  Server open(task, Protocol::kTcp, 80);
  Server closed(task, Protocol::kTcp, 81);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 81), Reach::kSilence);
  Change(Web(81));
  EXPECT_EQ(Connect(host_, "10.9.0.5", 81), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 80), Reach::kSilence);
}

TEST_F(ChangeTest, FlowsLiveOnUntilTheyAreCut) {
  const Netns task = Start(Plan("web", 5, {Web(53)}));
  const Netns peer = Start(Plan("peer", 6, {DefaultGroup()}));
  Server server(task, Protocol::kUdp, 53);
  Server other(task, Protocol::kUdp, 54);
  EXPECT_TRUE(Echoes(peer, "10.9.0.5", 53, server, 4000));
  SecurityGroup both = Web(53);
  both.ingress.push_back(Web(54).ingress[1]);
  Change(both);
  EXPECT_TRUE(Echoes(peer, "10.9.0.5", 54, other, 4001));
  Change(Web(54));
  EXPECT_TRUE(Echoes(peer, "10.9.0.5", 53, server, 4000)) << "as on EC2";
  EXPECT_FALSE(Echoes(peer, "10.9.0.5", 53, server, 4002));
  EXPECT_EQ(Cut(Web(54), "10.9.0.5"), 1U);
  EXPECT_FALSE(Echoes(peer, "10.9.0.5", 53, server, 4000));
  EXPECT_TRUE(Echoes(peer, "10.9.0.5", 54, other, 4001)) << "it is allowed still";
}

// A TCP connection from the host to a task, both ends.
struct Connection {
  UniqueFd client;
  UniqueFd server;

  static Connection To(const Netns& task, const char* address, uint16_t port) {
    const auto socket = [](const Netns& where) {
      UniqueFd fd;
      EXPECT_TRUE(where.Run([&]() -> Result<void> {
        fd = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        return {};
      }));
      const timeval patience = {.tv_usec = 400'000};
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      return fd;
    };
    sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    const auto* name = reinterpret_cast<const sockaddr*>(&to);
    const UniqueFd listener = socket(task);
    const int on = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT_EQ(::bind(listener.get(), name, sizeof to), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(::inet_pton(AF_INET, address, &to.sin_addr), 1);
    UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience = {.tv_usec = 400'000};
    ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(client.get(), name, sizeof to), 0);
    return {.client = std::move(client),
            .server = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC))};
  }
};

// Whether a byte gets from one end to the other within 400 ms.
bool Passes(const UniqueFd& from, const UniqueFd& to) {
  char byte = 'x';
  EXPECT_EQ(::send(from.get(), &byte, 1, MSG_NOSIGNAL), 1);
  return ::recv(to.get(), &byte, 1, 0) == 1;
}

TEST_F(ChangeTest, NeitherEndCanTakeUpAConnectionThatWasCut) {
  const Netns task = Start(Plan("web", 5, {Web(80)}));
  const Connection first = Connection::To(task, "10.9.0.5", 80);
  const Connection second = Connection::To(task, "10.9.0.5", 80);
  Change(Web(81));
  EXPECT_TRUE(Passes(first.server, first.client));
  EXPECT_TRUE(Passes(second.client, second.server));
  EXPECT_EQ(Cut(Web(81), "10.9.0.5"), 2U);
  EXPECT_FALSE(Passes(first.server, first.client)) << "its egress rules would allow it";
  EXPECT_FALSE(Passes(second.client, second.server));
}

TEST_F(ChangeTest, AGroupThatNobodyIsInIsNotWritten) {
  const Netns task = Start(Plan("web", 5, {Web(80)}));
  const std::string before = DumpHost();
  SecurityGroup idle = Web(80);
  idle.id = "sg-idle";
  Change(idle);
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(ChangeTest, ALaunchUnderWayTakesTheRulesAsTheyAreByThen) {
  const Netns first = Start(Plan("first", 5, {Web(80)}));
  Attachment late = Plan("late", 6, {Web(80)});
  late.currentGroups = [] { return std::vector{Web(81)}; };
  Change(Web(81));
  const Netns second = Start(late);
  Server server(first, Protocol::kTcp, 81);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 81), Reach::kConnected);
}

}  // namespace
}  // namespace berth::net
