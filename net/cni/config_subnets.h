// The subnets and routes of a network's configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "net/addresses/subnet.h"

namespace berth::net::cni {

struct SubnetFields {
  std::optional<std::string> cidrBlock;
  std::optional<std::string> ipv6CidrBlock;
  // Absent: the block's second address.
  std::optional<std::string> gateway;
  std::optional<std::string> ipv6Gateway;
};
void ReadJson(const JsonReader& in, SubnetFields& out);

struct RouteFields {
  std::string dst;
};
void ReadJson(const JsonReader& in, RouteFields& out);

/// What all subnets of a network have in common.
struct NetworkTraits {
  std::string name;
  int mtu = 0;  // 0: that of the default route's device
  bool masquerade = true;
};

/// Fails by the JSON path for blocks that no host may use, that overlap, or whose gateway is none.
Result<std::vector<Subnet>> ToSubnets(const std::vector<SubnetFields>& fields,
                                      const NetworkTraits& traits);
/// None given: everything.
Result<std::vector<IpBlock>> ToRoutes(const std::vector<RouteFields>& fields);

}  // namespace berth::net::cni
