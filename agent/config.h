// Config: /etc/berth/berth.json, what the operator says of this host. Every field may be left out.
//
//   {
//     "subnets": [{"subnetId": "subnet-lab", "cidrBlock": "10.20.0.0/16",
//                  "ipv6CidrBlock": "fd00:20::/64", "mtu": 1500, "masquerade": true,
//                  "dnsServers": ["10.20.0.2"]},
//                 {"subnetId": "subnet-office", "driver": "lan", "parent": "eth0",
//                  "cidrBlock": "192.168.1.128/26", "gateway": "192.168.1.1"}],
//     "bridge": {"cidrBlock": "172.31.240.0/20", "ipv6CidrBlock": "fd00:240::/64"},
//     "prefixLists": [{"PrefixListId": "pl-office", "AddressFamily": "IPv4", "Entries": [...]}],
//     "securityGroups": [{"GroupId": "sg-web", "IpPermissions": [...], ...}],
//     "insecureRegistries": ["registry.lab:5000"],
//     "strictLimits": false,
//     "flowLimit": 32768,
//     "interfacePool": 4,
//     "publishedPorts": {"obeyInput": true},
//     "names": {"enabled": true, "domain": "berth.internal"},
//     "cgroupManager": "auto"
//   }
//
// Security groups are written as EC2's describe-security-groups shows them, prefix lists as its
// describe-managed-prefix-lists, with their entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cgroups/manager.h"
#include "ecs/prefix_list.h"
#include "ecs/security_group.h"
#include "net/addresses/subnet.h"

namespace berth::agent {

struct SubnetConfig {
  net::Subnet subnet;
  std::vector<std::string> dnsServers;  // none: the host's
};

/// The resolver that berthd runs for tasks.
struct NamesConfig {
  bool enabled = true;
  std::string domain = "berth.internal";  // below which tasks have their names
};

struct Config {
  /// For awsvpc mode; the first one where a task names none. "subnet-default", 172.31.0.0/20, if
  /// the file has none.
  std::vector<SubnetConfig> subnets;
  net::Subnet bridge = net::DefaultBridgeSubnet();
  /// What rules of security groups may refer to.
  std::vector<ecs::ManagedPrefixList> prefixLists;
  /// Besides "sg-default", which is always there (GroupBook).
  std::vector<ecs::SecurityGroup> securityGroups;
  std::vector<std::string> insecureRegistries;
  /// Refuse tasks whose limits this host cannot enforce, instead of warning.
  bool strictLimits = false;
  /// How many flows each interface of a task may have open (net::Attachment::flowLimit); none: what
  /// the kernel's table has room for decides.
  std::optional<uint32_t> flowLimit;
  /// How many interfaces of tasks berthd has ready before they are needed (net::NetnsPool).
  uint32_t interfacePool = 4;
  /// Whether what comes to published ports from outside must pass the host's own input rules first
  /// (net::PublishedPort::obeysInput).
  bool portsObeyInput = false;
  NamesConfig names;
  /// Who makes the cgroups of tasks: "auto", "cgroupfs" or "systemd".
  cgroups::Manager cgroupManager = cgroups::Manager::kAuto;

  /// Reads the file; one that is not there is an empty one. Errors name the file and the JSON path.
  static Result<Config> Load(const std::string& path);
  static Result<Config> Parse(std::string_view json);

  /// Errors name what is configured.
  Result<SubnetConfig> FindSubnet(std::string_view subnet_id) const;
};

}  // namespace berth::agent
