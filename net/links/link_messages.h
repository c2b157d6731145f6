// Interfaces as messages of rtnetlink(7), and questions about one.
#pragma once

#include <linux/rtnetlink.h>

#include <functional>
#include <string>

#include "net/netlink.h"

namespace berth::net {

/// A new interface, or a change to the one whose index is in the header.
NetlinkMessage NewLink(std::string what, uint16_t flags, const ifinfomsg& header,
                       const Attributes& attributes);

/// Asks for one interface by name and hands the answer on; fails with ENODEV if there is none.
Result<void> AskForLink(NetlinkSocket& socket, const std::string& name,
                        const std::function<void(std::string_view body)>& answer);

Result<int> LinkIndex(NetlinkSocket& socket, const std::string& name);

}  // namespace berth::net
