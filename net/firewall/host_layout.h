// What is always in the table `inet berth`: its sets, its chains and their rules.
#pragma once

#include "net/nft/batch.h"

namespace berth::net {

// The sets and maps, and what is in them for an attachment.
inline constexpr const char* kPins = "pins";        // interface . MAC . address it may send as
inline constexpr const char* kEgress = "egress";    // interface : chain for what it sends
inline constexpr const char* kIngress = "ingress";  // address : chain for what it gets
inline constexpr const char* kBridge = "bridge";    // addresses of attachments without groups
inline constexpr const char* kMasqueraded = "masqueraded";  // addresses unknown outside the host
inline constexpr const char* kPorts = "ports";              // protocol . host port : address . port
inline constexpr const char* kHairpin = "hairpin";  // address . same address, if it has ports

// The policy of attachments without groups. (Here and in group_chains.cpp: what an underscore is in
// can't be a group's, whose names have none.)
inline constexpr const char* kBridgeIngressChain = "bridge_ingress";
inline constexpr const char* kBridgeEgressChain = "bridge_egress";
/// Where packets go that a task's egress rules let out.
inline constexpr const char* kAdmittedChain = "admitted";

/// The comment of the table, which tells its layout.
inline constexpr const char* kLayout = "Berth task networks, layout 3";

/// Makes all of it, or brings the rules of an existing table to this layout and leaves its
/// elements.
void WriteLayout(NftBatch& batch);

}  // namespace berth::net
