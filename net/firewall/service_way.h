// The way to a service of the host's at a link-local address, as a table of nftables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/address.h"

namespace berth::net {

struct ServiceWay {
  struct Place {
    Ipv4 address;
    uint16_t port = 0;
  };
  std::string table;
  std::string comment;             // of the table
  Place asked;                     // by tasks
  Place target;                    // where what is sent there goes
  std::vector<uint8_t> protocols;  // IPPROTO_*
};

/// Makes the table in the network namespace of the calling thread, or writes it anew:
///   guard       prerouting raw         drops what comes from other interfaces than tasks' and lo
///   from_tasks  prerouting dstnat - 1  leads what comes from tasks to the target
///   from_host   output     dstnat - 1  the same from the host: tasks in host mode
Result<void> OpenServiceWay(const ServiceWay& way);
/// Removes the table; one that is not there is no error.
Result<void> CloseServiceWay(const std::string& table);

}  // namespace berth::net
