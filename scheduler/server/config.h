// SchedulerConfig: /etc/berth/scheduler.json, what the operator says of an installation. Every
// field may be left out.
//
//   {
//     "listen": "0.0.0.0:8765",
//     "tls": {"certificateFile": "/etc/berth/tls/chain.pem", "keyFile": "/etc/berth/tls/key.pem"},
//     "advertise": "https://scheduler.lab:8765",
//     "region": "us-east-1", "account": "123456789012",
//     "subnets": [{"subnetId": "subnet-lab", "cidrBlock": "10.20.0.0/16",
//                  "availabilityZone": "lab-a"}],      (net/addresses/subnet_fields.h)
//     "prefixLists": [{"PrefixListId": "pl-office", "AddressFamily": "IPv4", "Entries": [...]}],
//     "securityGroups": [{"GroupId": "sg-web", "IpPermissions": [...], ...}]
//   }
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/server.h"
#include "base/result.h"
#include "ecs/security_group.h"
#include "scheduler/model/records.h"

namespace berth::scheduler {

struct SchedulerConfig {
  std::string listen_address = "127.0.0.1";
  uint16_t listen_port = 8765;
  std::optional<http::ServerTls> tls;
  /// Serve plain HTTP on more than loopback. Whoever listens on the way can then read credentials.
  bool allowPlainHttp = false;
  /// Base URL by which agents reach this scheduler; "": what it listens on.
  std::string advertise;
  std::string region = "us-east-1";
  /// 12 digits, in ARNs. Counts when an installation is made; later it stays what it was.
  std::string account = "000000000000";
  /// "subnet-default", 172.31.0.0/20, if the file has none.
  std::vector<SubnetRecord> subnets;
  /// Besides "sg-default", which is always there. The entries of "prefixLists" stand in place of
  /// their names.
  std::vector<ecs::SecurityGroup> securityGroups;
  /// Of the credentials of tasks.
  std::chrono::seconds credentialsLifetime{6 * 3600};

  /// Reads the file; one that is not there is an empty one. Errors name the file and the JSON path.
  static Result<SchedulerConfig> Load(const std::string& path);
  static Result<SchedulerConfig> Parse(std::string_view json);

  /// Fails if it would serve plain HTTP to other hosts without being told to.
  Result<void> CheckExposure() const;
};

}  // namespace berth::scheduler
