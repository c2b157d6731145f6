#include "scheduler/identity/variables.h"

#include <algorithm>

#include "base/text.h"
#include "scheduler/identity/wildcards.h"

namespace berth::scheduler {
namespace {

struct Variable {
  std::string key;  // lower case
  std::optional<std::string_view> otherwise;
  size_t size = 0;  // from "${" to "}"
};

// Of text that starts with "${"; nothing if it is never closed, so that it is only text.
std::optional<Variable> ReadVariable(std::string_view text) {
  size_t end = text.find('}');
  const size_t comma = text.find(',');
  Variable variable;
  std::string_view key = text.substr(0, end);
  if (comma < end) {
    key = text.substr(0, comma);
    // Between its quotes a default may have a brace, too.
    const size_t open = text.find('\'', comma);
    const size_t close = open < end ? text.find('\'', open + 1) : std::string_view::npos;
    if (close != std::string_view::npos) {
      variable.otherwise = text.substr(open + 1, close - open - 1);
      end = text.find('}', close);
    }
  }
  if (end == std::string_view::npos) return std::nullopt;
  variable.key = Trim(key.substr(2));
  std::transform(variable.key.begin(), variable.key.end(), variable.key.begin(),
                 [](unsigned char c) { return static_cast<char>(::tolower(c)); });
  variable.size = end + 1;
  return variable;
}

std::optional<std::string_view> ValueOf(const Variable& variable, const AccessRequest& request) {
  for (const std::string_view character : {"*", "?", "$"}) {
    if (variable.key == character) return character;
  }
  const auto [first, last] = request.context.equal_range(variable.key);
  if (first != last && std::next(first) == last) return first->second;
  return variable.otherwise;
}

char MarkedAsPlain(char c) {
  switch (c) {
    case '*':
      return kPlainStar;
    case '?':
      return kPlainQuestionMark;
    case ':':
      return kPlainColon;
    default:
      return c;
  }
}

}  // namespace

std::optional<std::string> ReplaceVariables(std::string_view text, const AccessRequest& request,
                                            ReplacedFor use) {
  std::string replaced;
  for (size_t start; (start = text.find("${")) != std::string_view::npos;) {
    replaced += text.substr(0, start);
    text.remove_prefix(start);
    const auto variable = ReadVariable(text);
    if (!variable) break;
    const auto value = ValueOf(*variable, request);
    if (!value) return std::nullopt;
    for (const char c : *value) {
      replaced += use == ReplacedFor::kPattern ? MarkedAsPlain(c) : c;
    }
    text.remove_prefix(variable->size);
  }
  return replaced.append(text);
}

}  // namespace berth::scheduler
