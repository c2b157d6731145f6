// The capability sets of a process (capabilities(7)).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Bit n stands for capability n.
using CapabilitySet = uint64_t;

struct CapabilitySets {
  CapabilitySet bounding = 0;
  CapabilitySet effective = 0;
  CapabilitySet inheritable = 0;
  CapabilitySet permitted = 0;
  CapabilitySet ambient = 0;
};

/// Names like CAP_CHOWN as bits; fails at the first that is none.
Result<CapabilitySet> CapabilityBits(const std::vector<std::string>& names);
std::vector<std::string> CapabilityNames(CapabilitySet set);
Result<CapabilitySets> ParseCapabilities(const Capabilities& capabilities);

/// What this process may hand on: its permitted set.
Result<CapabilitySet> PermittedCapabilities();
/// `sets` without what is not in `granted`.
CapabilitySets Restrict(CapabilitySets sets, CapabilitySet granted);

/// Removes from this process's bounding set all that is not in `keep`. Needs CAP_SETPCAP.
Result<void> DropBounding(CapabilitySet keep);
/// Makes effective again what a change of user has left in the permitted set.
Result<void> RaiseEffective();
/// Sets all but the bounding set, for good.
Result<void> SetCapabilities(const CapabilitySets& sets);

}  // namespace berth::runtime
