#include "agent/task/name_files.h"

#include "agent/resolv_conf.h"
#include "base/format.h"
#include "base/text.h"

namespace berth::agent {
namespace {

bool IsLoopback(std::string_view server) { return server.starts_with("127.") || server == "::1"; }

}  // namespace

std::string HostsFile(const std::vector<std::string>& addresses, const std::string& hostname,
                      const std::vector<HostLine>& links,
                      const std::vector<ecs::HostEntry>& extra_hosts) {
  std::string file =
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n";
  for (const std::string& address : addresses) file += fmt::format("{}\t{}\n", address, hostname);
  for (const HostLine& link : links) file += fmt::format("{}\t{}\n", link.address, link.names);
  for (const ecs::HostEntry& entry : extra_hosts) {
    file += fmt::format("{}\t{}\n", entry.ipAddress, entry.hostname);
  }
  return file;
}

std::string ResolvConf(const ResolvConfInputs& inputs) {
  ResolverSettings settings = ParseResolvConf(inputs.host);
  if (!inputs.servers.empty()) {
    settings.servers = inputs.servers;
  } else if (inputs.resolver) {
    settings.servers = {inputs.resolver->address};
    std::erase(settings.search, inputs.resolver->domain);
    settings.search.insert(settings.search.begin(), inputs.resolver->domain);
  } else if (inputs.reach == Reach::kOwnNetwork) {
    std::erase_if(settings.servers, IsLoopback);
  }
  if (!inputs.search.empty()) settings.search = inputs.search;
  std::string file;
  for (const std::string& server : settings.servers) file += fmt::format("nameserver {}\n", server);
  if (!settings.search.empty()) file += fmt::format("search {}\n", Join(settings.search, " "));
  for (const std::string& line : settings.others) file += line + "\n";
  return file;
}

}  // namespace berth::agent
