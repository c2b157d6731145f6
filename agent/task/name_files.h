// The files that name things for a container: /etc/hosts, /etc/resolv.conf and /etc/hostname.
#pragma once

#include <string>
#include <vector>

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

/// resolv.conf(5) for a container. `host` is the host's own, of which servers on loopback
/// addresses are left out unless the container shares the host's network: from elsewhere they can't
/// be reached. Lists that are given replace the host's.
enum class Reach { kHostNetwork, kOwnNetwork };
std::string ResolvConf(const std::string& host, const std::vector<std::string>& servers,
                       const std::vector<std::string>& search, Reach reach);

}  // namespace berth::agent
