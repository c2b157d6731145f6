// What the firewall of a host decides about a flow, and by which rule: asked of the rules that the
// kernel has, not of what was meant to be there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/ipv6.h"

namespace berth::net {

/// A flow that is about to begin.
struct TraceQuestion {
  std::string from;  // the id of the attachment that begins it; "": not a task of this host
  IpAddress source;
  IpAddress destination;  // of the same family
  uint8_t protocol = 0;
  uint16_t port = 0;
};

struct TraceStep {
  std::string chain;
  int rule = 0;  // from 0, in the chain
  std::string says;
};

struct TraceAnswer {
  enum class End { kAccepted, kDropped, kRefused };
  End end = End::kAccepted;
  /// Where it ends, in words: "sg-web ingress[0] lets it in", "no rule of sg-db lets it in".
  std::vector<std::string> reasons;
  std::vector<TraceStep> steps;  // the last one decided
  /// Where a published port leads, if it goes to one; port 0 otherwise.
  IpAddress redirected_to;
  uint16_t redirected_port = 0;
};

/// In the network namespace of the calling thread. Without a table nothing is refused, which the
/// answer says. Fails for addresses of different families.
Result<TraceAnswer> TraceFlow(const TraceQuestion& question);

/// The ids of the groups of the attachment with this address, as the kernel's rules have them; none
/// in bridge mode.
Result<std::vector<std::string>> GroupsInForce(const IpAddress& address);

}  // namespace berth::net
