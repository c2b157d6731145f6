#include "agent/resolv_conf.h"

#include <iterator>
#include <sstream>

#include "base/text.h"

namespace berth::agent {
namespace {

std::vector<std::string> Words(std::string_view line) {
  std::istringstream words{std::string(line)};
  return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

ResolverSettings ParseResolvConf(std::string_view text) {
  ResolverSettings settings;
  for (const std::string& line : Split(text, '\n')) {
    const std::string_view trimmed = Trim(line);
    const std::vector<std::string> words = Words(trimmed);
    if (words.empty() || trimmed.front() == '#' || trimmed.front() == ';') continue;
    if (words[0] == "nameserver") {
      if (words.size() > 1) settings.servers.push_back(words[1]);
    } else if (words[0] == "search" || words[0] == "domain") {
      settings.search.assign(words.begin() + 1, words.end());
    } else {
      settings.others.emplace_back(trimmed);
    }
  }
  return settings;
}

}  // namespace berth::agent
