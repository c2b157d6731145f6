#include "net/test_host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <ostream>
#include <regex>
#include <thread>

#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::net {
namespace {

// The kernel lets packets out of a link that is up when it gets round to it (linkwatch).
void AwaitCarrier(const std::string& link) {
  for (int tries = 0; tries < 200; ++tries) {
    const std::string shown = Output({"/usr/sbin/ip", "-brief", "link", "show", link});
    if (shown.find(" UP ") != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << link << " does not come up";
}

/// An address of either family with a port, as system calls want it.
struct Endpoint {
  Endpoint(const std::string& address, uint16_t port) {
    const auto parsed = IpAddress::Parse(address);
    EXPECT_TRUE(parsed) << address;
    if (parsed && parsed->IsIpv4()) {
      auto& in = *reinterpret_cast<sockaddr_in*>(&storage);
      in = {.sin_family = AF_INET, .sin_port = htons(port)};
      ::inet_pton(AF_INET, address.c_str(), &in.sin_addr);
      size = sizeof in;
    } else {
      auto& in = *reinterpret_cast<sockaddr_in6*>(&storage);
      in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
      ::inet_pton(AF_INET6, address.c_str(), &in.sin6_addr);
      size = sizeof in;
    }
  }
  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }

  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::string AddressIn(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = "";
  const auto* in = reinterpret_cast<const sockaddr_in*>(&storage);
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&storage);
  const bool ipv4 = storage.ss_family == AF_INET;
  const void* address = ipv4 ? static_cast<const void*>(&in->sin_addr) : &in6->sin6_addr;
  ::inet_ntop(storage.ss_family, address, text, sizeof text);
  return text;
}

UniqueFd SocketIn(const Netns& where, int family, Protocol protocol, int flags = 0) {
  const int type = protocol == Protocol::kTcp ? SOCK_STREAM : SOCK_DGRAM;
  auto made =
      where.Run([&]() -> Result<UniqueFd> { return UniqueFd(::socket(family, type | flags, 0)); });
  EXPECT_TRUE(made) << made.error().message();
  return made ? *std::move(made) : UniqueFd();
}

bool WaitFor(int fd, short events, int milliseconds) {
  pollfd wait{.fd = fd, .events = events};
  return ::poll(&wait, 1, milliseconds) == 1;
}

}  // namespace

SecurityGroup MuteGroup() {
  SecurityGroup group = DefaultGroup("sg-mute");
  group.egress.clear();
  return group;
}

void TestHost::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  char path[] = "/tmp/berth-net-test-XXXXXX";
  directory_ = ::mkdtemp(path);
  lock_ = directory_ + "/lock";
  auto host = Netns::Create();
  ASSERT_TRUE(host) << host.error().message();
  host_ = *std::move(host);
  ASSERT_TRUE(sys::Setns(host_.fd(), CLONE_NEWNET));
}

void TestHost::TearDown() {
  if (!directory_.empty()) {
    EXPECT_TRUE(sys::RemoveTree(directory_));
  }
}

Attachment TestHost::Plan(const std::string& id, int last, std::vector<SecurityGroup> groups,
                          std::vector<PublishedPort> ports) const {
  Attachment attachment{.id = id,
                        .subnet = *MakeSubnet("subnet-test", *Ipv4Cidr::Parse("10.9.0.0/20")),
                        .mac = MacAddress::Derive(id),
                        .ports = std::move(ports),
                        .groups = std::move(groups)};
  attachment.address = attachment.subnet.cidrBlock->Network() + static_cast<uint32_t>(last);
  return attachment;
}

Attachment TestHost::Plan6(const std::string& id, int last, std::vector<SecurityGroup> groups,
                           std::vector<PublishedPort> ports) const {
  Attachment attachment = Plan(id, last, std::move(groups), std::move(ports));
  attachment.subnet = *MakeSubnet(
      "subnet-six", {.ipv4 = attachment.subnet.cidrBlock, .ipv6 = *Ipv6Cidr::Parse("fd00:9::/64")});
  attachment.ipv6Address = attachment.subnet.ipv6CidrBlock->Network() + static_cast<uint64_t>(last);
  return attachment;
}

Attachment TestHost::PlanOnly6(const std::string& id, int last) const {
  Attachment plan = Plan6(id, last, {DefaultGroup()});
  plan.subnet.cidrBlock.reset();
  plan.address = EndpointSubnet().cidrBlock->Network() + static_cast<uint32_t>(last);
  return plan;
}

Netns TestHost::Start(const Attachment& attachment) const {
  auto task = Netns::Create();
  EXPECT_TRUE(task) << task.error().message();
  const auto attached = Attach(attachment, *task, lock_);
  EXPECT_TRUE(attached) << attached.error().message();
  return *std::move(task);
}

std::string Output(const std::vector<std::string>& argv) {
  const auto ran = RunCommand({.argv = argv, .err = STDERR_FILENO});
  EXPECT_TRUE(ran) << ran.error().message();
  if (!ran) return {};
  EXPECT_EQ(ran->status.code, 0) << Join(argv, " ");
  return ran->out;
}

std::string DumpHost() {
  std::string dump;
  for (const char* what : {"link", "address", "neighbour"}) {
    dump += Output({"/usr/sbin/ip", what, "show"});
  }
  dump += Output({"/usr/sbin/ip", "neighbour", "show", "proxy"});
  dump += Output({"/usr/sbin/ip", "route", "show", "table", "all"});
  dump += Output({"/usr/sbin/ip", "-6", "route", "show", "table", "all"});
  dump += Output({"/usr/sbin/nft", "--stateless", "list", "ruleset"});
  // What packets have put there goes some time after their flows.
  dump = std::regex_replace(
      dump, std::regex("\\n\\t\\telements = \\{ \"[^\"]+\" \\. 0x[0-9a-f]{8}[^}]*\\}"), "");
  // The kernel tells what an interface's carrier is with some delay.
  return std::regex_replace(dump, std::regex("NO-CARRIER,| state [A-Z]+| linkdown"), "");
}

std::ostream& operator<<(std::ostream& out, Reach reach) {
  constexpr const char* kNames[] = {"connected", "refused", "silence"};
  return out << kNames[static_cast<int>(reach)];
}

Server::Server(const Netns& where, Protocol protocol, uint16_t port, const std::string& address)
    : protocol_(protocol) {
  const Endpoint place(address, port);
  fd_ = SocketIn(where, place.family(), protocol);
  EXPECT_EQ(::bind(fd_.get(), place.generic(), place.size), 0) << ErrnoMessage(errno);
  if (protocol == Protocol::kTcp) {
    EXPECT_EQ(::listen(fd_.get(), 16), 0);
  }
}

std::string Server::Peer() {
  if (!WaitFor(fd_.get(), POLLIN, 1000)) return "nobody";
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  if (protocol_ == Protocol::kTcp) {
    const UniqueFd connection(::accept(fd_.get(), address, &size));
  } else {
    char byte;
    if (::recvfrom(fd_.get(), &byte, 1, 0, address, &size) == 1) {
      ::sendto(fd_.get(), &byte, 1, 0, address, size);
    }
  }
  return AddressIn(peer);
}

Reach Connect(const Netns& from, const std::string& address, uint16_t port,
              const std::string& local) {
  const Endpoint where(address, port);
  const UniqueFd fd = SocketIn(from, where.family(), Protocol::kTcp, SOCK_NONBLOCK);
  if (!local.empty()) {
    const Endpoint mine(local, 0);
    EXPECT_EQ(::bind(fd.get(), mine.generic(), mine.size), 0) << ErrnoMessage(errno);
  }
  if (::connect(fd.get(), where.generic(), where.size) == 0) return Reach::kConnected;
  if (errno != EINPROGRESS) return Reach::kRefused;
  if (!WaitFor(fd.get(), POLLOUT, 400)) return Reach::kSilence;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? Reach::kConnected : Reach::kRefused;
}

bool Echoes(const Netns& from, const std::string& address, uint16_t port, Server& server,
            uint16_t local_port) {
  const Endpoint where(address, port);
  const UniqueFd fd = SocketIn(from, where.family(), Protocol::kUdp);
  const Endpoint mine(where.family() == AF_INET ? "0.0.0.0" : "::", local_port);
  EXPECT_EQ(::bind(fd.get(), mine.generic(), mine.size), 0) << ErrnoMessage(errno);
  if (::connect(fd.get(), where.generic(), where.size) != 0) return false;
  char byte = 'x';
  if (::send(fd.get(), &byte, 1, 0) != 1) return false;
  server.Peer();
  return WaitFor(fd.get(), POLLIN, 400) && ::recv(fd.get(), &byte, 1, 0) == 1;
}

Netns MakeOutside() {
  auto outside = Netns::Create();
  EXPECT_TRUE(outside);
  const std::string place = fmt::format("/proc/{}/fd/{}", ::getpid(), outside->fd());
  Output({"/usr/sbin/ip", "link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns",
          place});
  Output({"/usr/sbin/ip", "address", "add", "192.0.2.1/24", "dev", "uplink"});
  Output({"/usr/sbin/ip", "link", "set", "uplink", "up"});
  const auto inside = outside->Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "address", "add", "192.0.2.2/24", "dev", "eth0"});
    Output({"/usr/sbin/ip", "link", "set", "eth0", "up"});
    AwaitCarrier("eth0");
    return {};
  });
  EXPECT_TRUE(inside);
  AwaitCarrier("uplink");
  Output({"/usr/sbin/ip", "route", "add", "default", "via", "192.0.2.2"});
  return *std::move(outside);
}

void GiveOutsideIpv6(const Netns& outside) {
  const auto give = [](const char* interface, const char* address) {
    const std::string setting = fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", interface);
    EXPECT_TRUE(WriteControlFile(AT_FDCWD, setting, "0"));
    Output({"/usr/sbin/ip", "address", "add", address, "dev", interface, "nodad"});
  };
  give("uplink", "2001:db8::1/64");
  const auto inside = outside.Run([&]() -> Result<void> {
    give("eth0", "2001:db8::2/64");
    return {};
  });
  EXPECT_TRUE(inside);
  Output({"/usr/sbin/ip", "route", "add", "default", "via", "2001:db8::2"});
  // The kernel makes the pair ready some time later, and loses what asks for neighbours until then.
  const auto here = Netns::Current();
  for (int tries = 0; tries < 10; ++tries) {
    if (Connect(*here, "2001:db8::2", 9) == Reach::kRefused) return;
  }
  ADD_FAILURE() << "2001:db8::2 can't be reached";
}

int RunForked(const char* variable, const std::string& value, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(variable, value.c_str(), 1);
    work();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

}  // namespace berth::net
