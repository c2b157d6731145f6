#include "agent/resolver_file.h"

#include "base/files.h"
#include "base/text.h"

namespace berth::agent {

Result<void> WriteResolverFile(const Paths& paths, const TaskResolver& resolver) {
  return ReplaceFile(paths.Resolver(), fmt::format("{} {}\n", resolver.address, resolver.domain));
}

std::optional<TaskResolver> ReadResolverFile(const Paths& paths) {
  const auto text = ReadFile(paths.Resolver());
  if (!text) return std::nullopt;
  const std::vector<std::string> words = Split(Trim(*text), ' ');
  if (words.size() != 2) return std::nullopt;
  return TaskResolver{.address = words[0], .domain = words[1]};
}

}  // namespace berth::agent
