// Host ports: which one a dynamic mapping gets, and holding it against everybody else.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/addresses/address.h"

namespace berth::net {

/// Transport protocols whose ports can be published, by their IP protocol numbers.
enum class Protocol : uint8_t { kTcp = 6, kUdp = 17, kSctp = 132 };

/// "tcp" or "udp", as ECS writes them, or "sctp".
std::string_view Name(Protocol protocol);

struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;
  bool operator==(const PortRange&) const = default;
};

/// The range that the ECS agent takes dynamic host ports from: the host's ephemeral ports
/// (/proc/sys/net/ipv4/ip_local_port_range), or 49153-65535 if they can't be read.
PortRange DynamicPortRange();

/// The first port of `range` from `start` on, round the end, that begins `count` ports in a row of
/// which none is in `used` or one of the agent's own.
Result<uint16_t> PickHostPort(PortRange range, const std::set<uint16_t>& used, uint16_t start,
                              size_t count = 1);

/// A port of the host that is bound, so that no other program gets it and a conflict shows before
/// anything has started. Traffic to it is redirected before it would reach the socket.
class HeldPort {
 public:
  /// Binds `address`:`port` without SO_REUSEADDR in the thread's namespace (0.0.0.0: all addresses;
  /// fails then also when a dual-stack IPv6 socket has the port).
  static Result<HeldPort> Hold(Protocol protocol, uint16_t port, Ipv4 address = Ipv4());
  /// Holds some port of `range` outside `used`, beginning at a random one.
  static Result<HeldPort> HoldAny(Protocol protocol, PortRange range,
                                  const std::set<uint16_t>& used);
  /// The same of `count` ports in a row, the lowest first.
  static Result<std::vector<HeldPort>> HoldAnyRow(Protocol protocol, PortRange range,
                                                  const std::set<uint16_t>& used, size_t count);

  Protocol protocol() const { return protocol_; }
  uint16_t port() const { return port_; }
  int fd() const { return fd_.get(); }
  /// Gives the descriptor away: whoever has it open holds the port.
  UniqueFd Release() && { return std::move(fd_); }

 private:
  HeldPort(UniqueFd fd, Protocol protocol, uint16_t port)
      : fd_(std::move(fd)), protocol_(protocol), port_(port) {}

  UniqueFd fd_;
  Protocol protocol_;
  uint16_t port_;
};

}  // namespace berth::net
