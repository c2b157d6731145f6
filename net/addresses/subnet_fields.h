// Subnets as configuration files have them:
//
//   {"subnetId": "subnet-lab", "cidrBlock": "10.20.0.0/16", "ipv6CidrBlock": "fd00:20::/64",
//    "mtu": 1500, "masquerade": true, "dnsServers": ["10.20.0.2"]}
//   {"subnetId": "subnet-office", "driver": "lan", "parent": "eth0",
//    "cidrBlock": "192.168.1.128/26", "gateway": "192.168.1.1"}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "base/result.h"
#include "net/addresses/subnet.h"

namespace berth::net {

struct SubnetFields {
  std::string subnetId;
  std::string cidrBlock;  // one of the two may be ""
  std::string ipv6CidrBlock;
  bool lan = false;    // the driver
  std::string parent;  // of a LAN
  GatewayTexts gateways;
  int mtu = 0;
  std::optional<bool> masquerade;  // left out: where it makes sense
  std::vector<std::string> dnsServers;
};

/// "subnet-default", 172.31.0.0/20: what there is where nothing is configured.
SubnetFields DefaultSubnetFields();

/// Reads them, with what is wrong with any of them by itself, and leaves other fields to the
/// caller.
void ReadSubnetFields(const JsonReader& in, SubnetFields& out);
/// The same where no other fields are known.
void ReadJson(const JsonReader& in, SubnetFields& out);

/// Errors name the field.
Result<Subnet> ToSubnet(const SubnetFields& fields);
/// An empty text is no block.
Result<SubnetBlocks> ToBlocks(const std::string& ipv4, const std::string& ipv6);

/// All of them. Fails, with "subnets[N]." and the field, for what ToSubnet refuses, ids that are
/// given twice and blocks that overlap.
Result<std::vector<Subnet>> ToSubnets(const std::vector<SubnetFields>& fields);

}  // namespace berth::net
