// What unbound is told: unbound.conf(5), and which servers it is to ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::agent::names {

/// The DNS servers that a resolv.conf(5) names, in its order; without the resolver's own address,
/// which would have it ask itself, and without what is no address.
std::vector<std::string> Upstreams(std::string_view resolv_conf);

struct UnboundSettings {
  std::string directory;  // holds the zone and the control socket; unbound's root directory, too
  std::string zone;       // the zone's file in it
  std::string control;    // the control socket's name in it
  std::string domain;
  std::vector<std::string> upstreams;  // none: only the domain itself is known
};

std::string UnboundConfig(const UnboundSettings& settings);

}  // namespace berth::agent::names
