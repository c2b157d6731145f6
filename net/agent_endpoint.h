// The way to the agent's endpoint, 169.254.170.2:80, where tasks get credentials and metadata.
//
// The agent listens on 169.254.170.2:51679: not on port 80, which is for tasks in host mode, and on
// an address of its own, so that nothing listens on one that the network sees. While the endpoint
// is open, the host has
//
//   169.254.170.2/32 on lo, of scope host
//   the table `inet berth_agent`:
//     prerouting  raw          to 169.254.170.2 from other interfaces than tasks' and lo: dropped
//     prerouting  dstnat - 1   169.254.170.2:80 from tasks leads to the agent's port
//     output      dstnat - 1   the same from the host: tasks in host mode
//
// and the table `inet berth` lets what was redirected there pass before any group of the task is
// asked. Who asks is told by the packet's source: a task's is pinned to its interface; anything
// else comes from the host. While it is closed, `inet berth` refuses the address at once.
#pragma once

#include <string>

#include "base/result.h"
#include "net/addresses/address.h"

namespace berth::net {

inline constexpr Ipv4 kAgentAddress{0xa9feaa02};  // 169.254.170.2
/// Where tasks connect, and where the agent listens.
inline constexpr uint16_t kAgentPublicPort = 80;
inline constexpr uint16_t kAgentPort = 51679;
/// The agent's introspection, on the host's loopback.
inline constexpr uint16_t kIntrospectionPort = 51678;

/// Opens it in the network namespace of the calling thread. What another agent has left, whole or
/// in part, is taken over. `lock_path`: as for Attach.
Result<void> OpenAgentEndpoint(const std::string& lock_path);

/// Takes all of it away; repeating it is no error. Attachments stay as they are.
Result<void> CloseAgentEndpoint(const std::string& lock_path);

}  // namespace berth::net
