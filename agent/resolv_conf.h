// resolv.conf(5), as it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::agent {

/// The host's own.
inline constexpr const char* kHostResolvConf = "/etc/resolv.conf";

struct ResolverSettings {
  std::vector<std::string> servers;  // as they are written: not all need be addresses
  std::vector<std::string> search;   // the last such line counts, "domain" as well
  std::vector<std::string> others;   // lines
};

ResolverSettings ParseResolvConf(std::string_view text);

}  // namespace berth::agent
