#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/process.h"
#include "bench/net_bench.h"
#include "bench/net_host.h"

namespace berth::bench {
namespace {

constexpr uint16_t kDatagramPort = 9000;
constexpr uint16_t kHttpPort = 80;

Result<void> Ip(std::vector<std::string> words) {
  words.insert(words.begin(), "/usr/sbin/ip");
  const auto ran = TRY(RunCommand({.argv = words, .err = STDERR_FILENO}));
  if (ran.status.code != 0) return MakeError("ip ended with {}", ran.status.code);
  return {};
}

sockaddr_in Place(net::Ipv4 address, uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  place.sin_addr.s_addr = net::FromBytes<uint32_t>(net::RawBytes(address.Bytes()));
  return place;
}

using SocketCall = int (*)(int fd, const sockaddr* address, socklen_t size);

Result<void> Call(SocketCall call, const UniqueFd& socket, const sockaddr_in& place) {
  if (call(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0) return {};
  return ErrnoError("bind or connect a socket");
}

Result<UniqueFd> MakeSocket(int type) {
  UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  return socket;
}

/// A flow of datagrams that has been answered once.
struct Flow {
  UniqueFd sender;
  UniqueFd receiver;
};

struct End {
  const net::Netns& netns;
  net::Ipv4 address;
};

Result<void> Pass(const UniqueFd& from, const UniqueFd& to) {
  constexpr size_t kSize = 64;
  std::array<char, kSize> data{};
  if (::send(from.get(), data.data(), kSize, 0) != kSize) return ErrnoError("send a datagram");
  // Who sends does the receiver's work as well: it has arrived.
  if (::recv(to.get(), data.data(), kSize, MSG_DONTWAIT) != kSize) {
    return ErrnoError("get a datagram");
  }
  return {};
}

Result<Flow> OpenFlow(const End& from, const End& to) {
  const auto open = [](const End& here, const End& there) {
    return here.netns.Run([&]() -> Result<UniqueFd> {
      UniqueFd socket = TRY(MakeSocket(SOCK_DGRAM));
      TRY(Call(::bind, socket, Place(here.address, kDatagramPort)));
      TRY(Call(::connect, socket, Place(there.address, kDatagramPort)));
      return socket;
    });
  };
  Flow flow;
  flow.sender = TRY(open(from, to));
  flow.receiver = TRY(open(to, from));
  TRY(Pass(flow.sender, flow.receiver));
  TRY(Pass(flow.receiver, flow.sender));
  return flow;
}

Result<Cost> TimeDatagrams(const Flow& flow) {
  constexpr size_t kDatagrams = 4000;
  const Stopwatch watch;
  for (size_t i = 0; i < kDatagrams; ++i) TRY(Pass(flow.sender, flow.receiver));
  return watch.Each(kDatagrams);
}

/// Two tasks of a host that others are loaded on, and somebody outside of it.
struct Site {
  std::string name;
  NetHost host;
  net::Netns client, server, outside;
  std::optional<Flow> flow;
  UniqueFd listener;
};

constexpr const char* kHostAddress = "192.0.2.1";

Result<net::Netns> MakeOutside() {
  net::Netns outside = TRY(net::Netns::Create());
  const std::string place = fmt::format("/proc/{}/fd/{}", ::getpid(), outside.fd());
  TRY(Ip({"link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", place}));
  TRY(Ip({"address", "add", fmt::format("{}/24", kHostAddress), "dev", "uplink"}));
  TRY(Ip({"link", "set", "uplink", "up"}));
  TRY(outside.Run([]() -> Result<void> {
    TRY(Ip({"address", "add", "192.0.2.2/24", "dev", "eth0"}));
    return Ip({"link", "set", "eth0", "up"});
  }));
  return outside;
}

Result<UniqueFd> Listen(const net::Netns& server) {
  return server.Run([]() -> Result<UniqueFd> {
    UniqueFd socket = TRY(MakeSocket(SOCK_STREAM));
    TRY(Call(::bind, socket, Place(net::Ipv4(), kHttpPort)));
    if (::listen(socket.get(), SOMAXCONN) < 0) return ErrnoError("listen");
    return socket;
  });
}

/// Of the two tasks that can be reached, the plans: their numbers come after those loaded.
net::Attachment ClientOf(size_t loaded) { return PlanTask(loaded); }
net::Attachment ServerOf(size_t loaded) { return PlanTask(loaded + 1); }

enum class Firewall { kThere, kTakenAway };

Result<Site> MakeSite(const std::string& directory, std::string name, size_t loaded,
                      Firewall firewall) {
  NetHost host = TRY(NetHost::Make(fmt::format("{}/{}", directory, name)));
  TRY(host.Load(loaded));
  TRY(host.Enter());
  Site site{.name = std::move(name), .host = std::move(host)};
  const net::Attachment client = ClientOf(loaded);
  const net::Attachment server = ServerOf(loaded);
  site.client = TRY(net::Netns::Create());
  site.server = TRY(net::Netns::Create());
  TRY(net::Attach(client, site.client, site.host.lock()));
  TRY(net::Attach(server, site.server, site.host.lock()));
  if (firewall == Firewall::kTakenAway) TRY(site.host.DropTable());
  site.outside = TRY(MakeOutside());
  site.flow = TRY(OpenFlow({site.client, client.address}, {site.server, server.address}));
  site.listener = TRY(Listen(site.server));
  return site;
}

/// Two namespaces joined by a veth pair, and nothing else.
struct Pair {
  net::Netns here, there;
  std::optional<Flow> flow;
};

Result<Pair> MakePair() {
  Pair pair;
  pair.here = TRY(net::Netns::Create());
  pair.there = TRY(pair.here.Run(MakeOutside));
  const auto outside = TRY(net::Ipv4::Parse("192.0.2.2"));
  const auto host = TRY(net::Ipv4::Parse(kHostAddress));
  pair.flow = TRY(OpenFlow({pair.here, host}, {pair.there, outside}));
  return pair;
}

/// Connections from `from`, each accepted and reset.
Result<Cost> TimeConnections(const net::Netns& from, const sockaddr_in& to,
                             const UniqueFd& listener) {
  constexpr size_t kConnections = 200;
  return from.Run([&]() -> Result<Cost> {
    const Stopwatch watch;
    for (size_t i = 0; i < kConnections; ++i) {
      const UniqueFd client = TRY(MakeSocket(SOCK_STREAM));
      TRY(Call(::connect, client, to));
      const UniqueFd server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!server) return ErrnoError("accept a connection");
      constexpr linger kReset = {.l_onoff = 1, .l_linger = 0};
      ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
    }
    return watch.Each(kConnections);
  });
}

Result<void> TimeConnectionsOf(Samples& samples, const Site& site, size_t loaded) {
  const net::Attachment server = ServerOf(loaded);
  const sockaddr_in task = Place(server.address, kHttpPort);
  samples.Add("connection to a task, " + site.name,
              TRY(TimeConnections(site.client, task, site.listener)));
  const sockaddr_in port =
      Place(TRY(net::Ipv4::Parse(kHostAddress)), server.ports.front().hostPort);
  samples.Add("connection to a published port, " + site.name,
              TRY(TimeConnections(site.outside, port, site.listener)));
  return {};
}

}  // namespace

Result<void> MeasurePackets(const std::string& directory, size_t rounds, Samples& samples) {
  constexpr size_t kLoads[] = {0, 10, 10'000};
  const Pair pair = TRY(MakePair());
  const Site routed = TRY(MakeSite(directory, "no rules", 0, Firewall::kTakenAway));
  std::vector<Site> sites;
  for (const size_t loaded : kLoads) {
    const std::string name = fmt::format("{} others", loaded);
    sites.push_back(TRY(MakeSite(directory, name, loaded, Firewall::kThere).Context("{}", name)));
  }
  for (size_t round = 0; round < rounds; ++round) {
    samples.Add("datagram, bare pair", TRY(TimeDatagrams(*pair.flow)));
    samples.Add("datagram, routed", TRY(TimeDatagrams(*routed.flow)));
    for (const Site& site : sites) {
      samples.Add("datagram, " + site.name, TRY(TimeDatagrams(*site.flow)));
    }
    for (size_t i = 0; i < sites.size(); ++i) {
      TRY(TimeConnectionsOf(samples, sites[i], kLoads[i]));
    }
  }
  return {};
}

}  // namespace berth::bench
