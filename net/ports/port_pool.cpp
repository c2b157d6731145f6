#include "net/ports/port_pool.h"

#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <optional>

#include "base/files.h"
#include "base/text.h"
#include "net/agent_endpoint.h"

namespace berth::net {
namespace {

constexpr PortRange kFallbackRange = {.first = 49153, .last = 65535};

/// Where the agent listens (agent_endpoint.h), or will as soon as there is one.
bool IsAgentPort(uint16_t port) { return port == kIntrospectionPort || port == kAgentPort; }

std::optional<uint16_t> FirstRow(PortRange range, const std::set<uint16_t>& used, size_t count) {
  size_t row = 0;
  for (uint32_t port = range.first; port <= range.last; ++port) {
    const auto here = static_cast<uint16_t>(port);
    row = used.contains(here) || IsAgentPort(here) ? 0 : row + 1;
    if (row == count) return static_cast<uint16_t>(port + 1 - count);
  }
  return std::nullopt;
}

uint16_t RandomPort(PortRange range) {
  uint32_t number = 0;
  // Any number will do should the kernel have none yet.
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) < 0) number = 0;
  return static_cast<uint16_t>(range.first + number % (uint32_t{range.last} - range.first + 1));
}

}  // namespace

std::string_view Name(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "tcp";
    case Protocol::kUdp:
      return "udp";
    case Protocol::kSctp:
      return "sctp";
  }
  return "";
}

PortRange DynamicPortRange() {
  const auto text = ReadFile("/proc/sys/net/ipv4/ip_local_port_range");
  if (!text) return kFallbackRange;
  const std::string_view both = Trim(*text);
  const size_t gap = both.find_first_of(" \t");
  if (gap == std::string_view::npos) return kFallbackRange;
  const auto first = ParseInteger<uint16_t>(Trim(both.substr(0, gap)));
  const auto last = ParseInteger<uint16_t>(Trim(both.substr(gap)));
  if (!first || !last || *first == 0 || *first > *last) return kFallbackRange;
  return {.first = *first, .last = *last};
}

Result<uint16_t> PickHostPort(PortRange range, const std::set<uint16_t>& used, uint16_t start,
                              size_t count) {
  if (start < range.first || start > range.last) start = range.first;
  for (const uint16_t first : {start, range.first}) {
    if (const auto found = FirstRow({first, range.last}, used, count)) return *found;
  }
  const std::string what =
      count == 1 ? "no host port" : fmt::format("no row of {} host ports", count);
  return MakeError("{} from {} to {} is free: stop tasks, or widen net.ipv4.ip_local_port_range",
                   what, range.first, range.last);
}

Result<HeldPort> HeldPort::Hold(Protocol protocol, uint16_t port, Ipv4 address) {
  const int type = protocol == Protocol::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, static_cast<int>(protocol)));
  if (!fd) return ErrnoError("socket");
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(address.number());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) < 0) {
    if (errno == EADDRINUSE) {
      return Error(
          fmt::format("host port {}/{} is in use by another program or task", port, Name(protocol)),
          EADDRINUSE);
    }
    return ErrnoError("bind {}:{}/{}", address.Format(), port, Name(protocol));
  }
  return HeldPort(std::move(fd), protocol, port);
}

Result<HeldPort> HeldPort::HoldAny(Protocol protocol, PortRange range,
                                   const std::set<uint16_t>& used) {
  return std::move(TRY(HoldAnyRow(protocol, range, used, 1)).front());
}

Result<std::vector<HeldPort>> HeldPort::HoldAnyRow(Protocol protocol, PortRange range,
                                                   const std::set<uint16_t>& used, size_t count) {
  std::set<uint16_t> tried = used;
  while (true) {
    const uint16_t first = TRY(PickHostPort(range, tried, RandomPort(range), count));
    std::vector<HeldPort> row;
    while (row.size() < count) {
      const auto port = static_cast<uint16_t>(first + row.size());
      Result<HeldPort> held = Hold(protocol, port);
      if (!held && !held.error().Is(EADDRINUSE)) return held.error();
      if (!held) tried.insert(port);
      if (!held) break;
      row.push_back(std::move(*held));
    }
    if (row.size() == count) return row;
  }
}

}  // namespace berth::net
