// The addresses of an attachment's task end, each with the host's address that it is reached by.
#pragma once

#include <vector>

#include "net/attachment.h"
#include "net/links/veth.h"

namespace berth::net {

/// One for each block of the subnet; without one of IPv4, the way to the host's services as well.
std::vector<Leg> LegsOf(const Attachment& attachment);

}  // namespace berth::net
