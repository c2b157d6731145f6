// The network namespace that the runtime has made for a container.
#pragma once

#include <string>

#include "net/cni/protocol.h"
#include "net/netns.h"

namespace berth::net::cni {

/// Opens CNI_NETNS. Fails with kUnknownContainer if there is nothing at that path, and with
/// kInvalidEnvironment if that is no network namespace or the host's own.
Answer<Netns> OpenContainerNetns(const std::string& path);

}  // namespace berth::net::cni
