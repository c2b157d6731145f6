// The rule that the options of `berth sg authorize` and `revoke` describe, which are the AWS CLI's.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ecs/security_group.h"

namespace berth::agent::cli {

struct PermissionFlags {
  std::string protocol;             // as IpProtocol, or "all"
  std::string port;                 // "80", "8000-8010"; ICMP: "TYPE" or "TYPE-CODE"; "" or "all"
  std::vector<std::string> cidrs;   // of either family
  std::vector<std::string> groups;  // ids
  std::string permissions;          // in place of all that: IpPermissions as JSON
};

/// Fails, naming the option, for what is no rule of EC2's.
Result<std::vector<ecs::IpPermission>> ReadPermissionFlags(const PermissionFlags& flags);

}  // namespace berth::agent::cli
