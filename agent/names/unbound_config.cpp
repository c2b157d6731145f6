#include "agent/names/unbound_config.h"

#include <algorithm>
#include <set>

#include "agent/resolv_conf.h"
#include "base/format.h"
#include "net/addresses/ipv6.h"
#include "net/resolver_endpoint.h"

namespace berth::agent::names {
namespace {

// An IPv6 address may say by which interface ("fe80::1%eth0").
bool IsAddress(std::string_view text) {
  const size_t percent = text.find('%');
  if (percent == std::string_view::npos) return net::Ipv4::Parse(text) || net::Ipv6::Parse(text);
  const std::string_view interface = text.substr(percent + 1);
  return net::Ipv6::Parse(text.substr(0, percent)) && !interface.empty() &&
         std::all_of(interface.begin(), interface.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != '"' && c != '#' && c != '@';
         });
}

// The limits are those of a small host: what is asked most is asked again and again.
constexpr std::string_view kServer = R"(server:
  interface: {address}@{port}
  access-control: 0.0.0.0/0 allow
  username: "unbound"
  directory: "{directory}"
  chroot: "{directory}"
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  logfile: ""
  verbosity: 0
  num-threads: 1
  msg-cache-size: 8m
  rrset-cache-size: 16m
  # The upstreams validate, if anybody does: what they say is passed on.
  module-config: "iterator"
  # A server on the host's loopback is one like any other, and so are private addresses.
  do-not-query-localhost: no
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  rrset-roundrobin: yes
  deny-any: yes
  hide-identity: yes
  hide-version: yes
  # Questions a second of one task (as many as one interface may ask of Amazon's resolver).
  ip-ratelimit: 1024
  ip-ratelimit-factor: 0
  # RFC 8767: while no upstream answers, what they said within the last hour is better than nothing.
  serve-expired: yes
  serve-expired-ttl: 3600
  serve-expired-client-timeout: 1800
  # An upstream that comes back is noticed at once.
  infra-host-ttl: 5
  infra-keep-probing: yes
)";

constexpr std::string_view kZone = R"(remote-control:
  control-enable: yes
  control-interface: "{directory}/{control}"
  control-use-cert: no
auth-zone:
  name: "{domain}."
  zonefile: "{directory}/{zone}"
  for-downstream: yes
  for-upstream: no
  fallback-enabled: no
)";

}  // namespace

std::vector<std::string> Upstreams(std::string_view resolv_conf) {
  std::vector<std::string> servers;
  for (const std::string& server : ParseResolvConf(resolv_conf).servers) {
    if (server == net::kResolverAddress.Format() || !IsAddress(server)) continue;
    const bool known = std::find(servers.begin(), servers.end(), server) != servers.end();
    if (!known) servers.push_back(server);
  }
  return servers;
}

std::string UnboundConfig(const UnboundSettings& settings) {
  using fmt::arg;
  std::string file =
      fmt::format(fmt::runtime(kServer), arg("address", net::kResolverAddress.Format()),
                  arg("port", net::kResolverPort), arg("directory", settings.directory));
  // Local zones are looked at first: neither what is refused below nor a built-in one may hide the
  // domain, nor what the upstreams know.
  for (const std::string& zone : std::set<std::string>{"home.arpa", "test", settings.domain}) {
    file += fmt::format("  local-zone: \"{}.\" transparent\n", zone);
  }
  // Without anybody to ask it would go to the roots of the Internet, which nobody has told it to.
  if (settings.upstreams.empty()) file += "  local-zone: \".\" refuse\n";
  file += fmt::format(fmt::runtime(kZone), arg("directory", settings.directory),
                      arg("control", settings.control), arg("domain", settings.domain),
                      arg("zone", settings.zone));
  if (settings.upstreams.empty()) return file;
  file += "forward-zone:\n  name: \".\"\n";
  for (const std::string& server : settings.upstreams) {
    file += fmt::format("  forward-addr: {}\n", server);
  }
  return file;
}

}  // namespace berth::agent::names
