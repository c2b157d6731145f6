#include "agent/task/name_files.h"

#include <iterator>
#include <sstream>

#include "base/format.h"
#include "base/text.h"

namespace berth::agent {
namespace {

bool IsLoopback(std::string_view server) { return server.starts_with("127.") || server == "::1"; }

std::vector<std::string> Words(std::string_view line) {
  std::istringstream words{std::string(line)};
  return {std::istream_iterator<std::string>(words), {}};
}

/// A resolv.conf(5) as it is read.
struct ResolverSettings {
  std::vector<std::string> servers;
  std::vector<std::string> search;
  std::vector<std::string> others;  // lines
};

ResolverSettings ParseResolvConf(std::string_view text) {
  ResolverSettings settings;
  for (const std::string& line : Split(text, '\n')) {
    const std::string_view trimmed = Trim(line);
    const std::vector<std::string> words = Words(trimmed);
    if (words.empty() || trimmed.front() == '#' || trimmed.front() == ';') continue;
    if (words[0] == "nameserver") {
      if (words.size() > 1) settings.servers.push_back(words[1]);
    } else if (words[0] == "search" || words[0] == "domain") {
      settings.search.assign(words.begin() + 1, words.end());  // the last such line counts
    } else {
      settings.others.emplace_back(trimmed);
    }
  }
  return settings;
}

}  // namespace

std::string HostsFile(const std::string& address, const std::string& hostname,
                      const std::vector<HostLine>& links,
                      const std::vector<ecs::HostEntry>& extra_hosts) {
  std::string file =
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n";
  if (!address.empty()) file += fmt::format("{}\t{}\n", address, hostname);
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
