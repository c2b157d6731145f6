// A network as its configuration describes it: a JSON document that the runtime hands to the plugin
// on standard input, with what it adds for the one container (docs/cni.md has the table of fields).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "net/attachment.h"
#include "net/cni/protocol.h"

namespace berth::net::cni {

/// What every command needs of the document, however wrong the rest may be by now.
struct NetworkHeader {
  std::string cniVersion;
  std::string name;
};

/// Fails with kIncompatibleVersion or kInvalidConfig.
Answer<NetworkHeader> ReadHeader(const Json& document);

/// As the result passes them on; empty parts are left out there.
struct Dns {
  std::vector<std::string> nameservers;
  std::string domain;
  std::vector<std::string> search;
  std::vector<std::string> options;
};

struct NetworkConfig {
  NetworkHeader header;
  /// Addresses come from the first that has one left. Each has the network's MTU and ipMasq.
  std::vector<Subnet> subnets;
  /// What containers reach by the interface.
  std::vector<IpBlock> routes;
  /// All containers of the network are members of all of these.
  std::vector<SecurityGroup> securityGroups;
  Dns dns;

  // For the one container, from runtimeConfig, args.cni or CNI_ARGS.
  /// At most one of each family, in one subnet.
  std::vector<IpAddress> addresses;
  std::optional<MacAddress> mac;
  std::vector<PublishedPort> ports;
};

/// Reads all of it. Fails with kUnsupportedField, naming key and value, for what is not known or
/// not to be had yet; otherwise with kInvalidConfig and the JSON path of each fault.
Answer<NetworkConfig> ReadConfig(const Json& document, const std::string& cni_args);

/// How the firewall calls a group of such a configuration: never as a group of the agent's.
std::string FirewallGroupId(const std::string& group_id);

/// A container's interface, as GC's list names those that are to stay.
struct ValidAttachment {
  std::string containerId;
  std::string ifname;
  auto operator<=>(const ValidAttachment&) const = default;
};

/// `cni.dev/valid-attachments`, without which GC would have to guess: its absence is a failure.
Answer<std::vector<ValidAttachment>> ReadValidAttachments(const Json& document);

}  // namespace berth::net::cni
