#include "agent/task/name_files.h"

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

std::string ResolvConf(const std::string& host, const std::vector<std::string>& servers,
                       const std::vector<std::string>& search, Reach reach) {
  std::string file;
  for (const std::string& line : Split(host, '\n')) {
    const std::string_view text = Trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.starts_with("nameserver")) {
      const std::string_view server = Trim(text.substr(std::string_view("nameserver").size()));
      const bool reachable = reach == Reach::kHostNetwork || !IsLoopback(server);
      if (!servers.empty() || !reachable) continue;
    }
    if (!search.empty() && (text.starts_with("search") || text.starts_with("domain"))) continue;
    file += fmt::format("{}\n", text);
  }
  for (const std::string& server : servers) file += fmt::format("nameserver {}\n", server);
  if (!search.empty()) file += fmt::format("search {}\n", Join(search, " "));
  return file;
}

}  // namespace berth::agent
