// What the runtime adds to a network's configuration for one container: capabilities
// (runtimeConfig), args.cni and CNI_ARGS, in the order in which they prevail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "net/cni/config.h"

namespace berth::net::cni {

struct PortMapping {
  int64_t hostPort = 0;
  int64_t containerPort = 0;
  std::string protocol = "tcp";
  std::string hostIP;
};
void ReadJson(const JsonReader& in, PortMapping& out);

struct RuntimeFields {
  std::vector<PortMapping> portMappings;
  std::vector<std::string> ips;
  std::string mac;
  std::optional<Dns> dns;
  std::vector<std::string> wished_ips;  // of args.cni
};

/// Reads `runtimeConfig` and `args.cni` of a network's document.
void ReadRuntimeFields(const JsonReader& network, RuntimeFields& out);

/// Puts them, and CNI_ARGS, into the network's configuration, whose own fields have been read.
/// Fails with kUnsupportedField for capabilities that can't be given, with kInvalidConfig for
/// values that make no sense in this network, with kInvalidEnvironment for CNI_ARGS.
Answer<void> ApplyRuntimeFields(const Json& document, const RuntimeFields& fields,
                                const std::string& cni_args, NetworkConfig& config);

}  // namespace berth::net::cni
