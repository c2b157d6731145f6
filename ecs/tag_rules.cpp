#include <set>

#include "ecs/rules.h"

namespace berth::ecs {
namespace {

size_t CountCharacters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

// The API asks for letters, digits and spaces of any script: beyond ASCII all is let through.
bool IsTagText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c & 0x80) != 0 || IsMadeOf({&c, 1}, " _.:/=+-@");
  });
}

bool StartsWithAws(std::string_view key) {
  return key.size() >= 4 && std::equal(key.begin(), key.begin() + 4, "aws:", [](char a, char b) {
           return (a | 0x20) == b || a == b;
         });
}

void CheckText(std::string_view text, size_t most, const Place& at) {
  if (CountCharacters(text) > most) at.Complain("must have at most {} characters", most);
  if (IsTagText(text)) return;
  at.Complain("must be of letters, digits, spaces and _.:/=+-@, not {}", QuoteJson(text));
}

}  // namespace

void CheckTags(const std::vector<Tag>& tags, const Place& at) {
  if (tags.size() > 50) at.Complain("must have at most 50 tags, not {}", tags.size());
  std::set<std::string_view> keys;
  for (size_t i = 0; i < tags.size(); ++i) {
    const auto& [key, value] = tags[i];
    CheckText(value, 256, at[i]["value"]);
    if (!at[i].CheckGiven("key", key)) continue;
    CheckText(key, 128, at[i]["key"]);
    if (StartsWithAws(key)) at[i]["key"].Complain("must not start with \"aws:\", as {} does", key);
    if (!keys.insert(key).second) at[i]["key"].Complain("{} is given twice", QuoteJson(key));
  }
}

}  // namespace berth::ecs
