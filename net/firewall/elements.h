// What an attachment has in the sets and maps of the table `inet berth`. Each element bears the
// attachment's id as its comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/attachment.h"
#include "net/nft/batch.h"

namespace berth::net {

/// What its interface may send as.
std::vector<NftElement> PinsOf(const Attachment& attachment);

/// All else: the ways to and from it through the rules of its groups or of bridge mode, the sets
/// that its addresses are in, the counters of what is dropped, and its published ports.
std::vector<NftElement> PassagesOf(const Attachment& attachment);

/// The host port of an element of a map of ports, if that is for UDP.
std::optional<uint16_t> UdpPortOf(const NftElement& element);
/// Whether a map has the ports that the host's input rules guard.
bool IsSetOfGuardedPorts(const std::string& set);

}  // namespace berth::net
