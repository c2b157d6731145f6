// The files that name things for a container: /etc/hosts, /etc/resolv.conf and /etc/hostname.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/resolver_file.h"
#include "ecs/container_definition.h"

namespace berth::agent {

struct HostLine {
  std::string address;
  std::string names;  // separated by spaces
};

/// /etc/hosts: localhost, the container itself, its links and its extraHosts.
std::string HostsFile(const std::vector<std::string>& addresses, const std::string& hostname,
                      const std::vector<HostLine>& links,
                      const std::vector<ecs::HostEntry>& extra_hosts);

enum class Reach { kHostNetwork, kOwnNetwork };

struct ResolvConfInputs {
  std::string_view host;                 // the host's own resolv.conf
  std::vector<std::string> servers;      // instead of the host's, if there are any
  std::vector<std::string> search;       // instead of the host's domains, if there are any
  Reach reach = Reach::kOwnNetwork;      // whether the container shares the host's network
  std::optional<TaskResolver> resolver;  // the host's for its tasks
};
/// resolv.conf(5) for a container.
///
/// Without `servers` its only server is the resolver, whose domain is searched first. It is alone
/// since some C libraries (musl) ask all servers at once and believe whichever answers first, so
/// that one that knows no names of tasks could say that there is no such task. Without a resolver
/// the servers are the host's, but for those on loopback addresses that can't be reached.
std::string ResolvConf(const ResolvConfInputs& inputs);

}  // namespace berth::agent
