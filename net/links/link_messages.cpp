#include "net/links/link_messages.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if_link.h>

namespace berth::net {

NetlinkMessage NewLink(std::string what, uint16_t flags, const ifinfomsg& header,
                       const Attributes& attributes) {
  return {.what = std::move(what),
          .type = RTM_NEWLINK,
          .flags = flags,
          .body = NetlinkBody(header, attributes)};
}

Result<void> AskForLink(NetlinkSocket& socket, const std::string& name,
                        const std::function<void(std::string_view body)>& answer) {
  Attributes which;
  which.Text(IFLA_IFNAME, name).Number<uint32_t>(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return socket.Ask({.what = "find interface " + name,
                     .type = RTM_GETLINK,
                     .body = NetlinkBody(ifinfomsg{}, which)},
                    answer);
}

Result<int> LinkIndex(NetlinkSocket& socket, const std::string& name) {
  int index = 0;
  TRY(AskForLink(socket, name,
                 [&](std::string_view body) { index = FromBytes<ifinfomsg>(body).ifi_index; }));
  return index;
}

}  // namespace berth::net
