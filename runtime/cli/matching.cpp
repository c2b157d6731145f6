#include "runtime/cli/matching.h"

#include <regex.h>

#include <array>

#include "base/cleanup.h"

namespace berth::runtime::cli {

Result<std::vector<std::string>> IdsMatching(const Globals& globals, const std::string& pattern) {
  regex_t regex;
  if (const int code = ::regcomp(&regex, pattern.c_str(), REG_EXTENDED | REG_NOSUB); code != 0) {
    std::array<char, 128> reason;
    ::regerror(code, &regex, reason.data(), reason.size());
    return MakeError("{}: {}", pattern, reason.data());
  }
  const Cleanup free_regex([&] { ::regfree(&regex); });
  std::vector<std::string> matching;
  for (std::string& id : TRY(StateDir::List(globals.root))) {
    if (::regexec(&regex, id.c_str(), 0, nullptr, 0) == 0) matching.push_back(std::move(id));
  }
  return matching;
}

}  // namespace berth::runtime::cli
