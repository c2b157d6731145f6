#include "scheduler/identity/wildcards.h"

namespace berth::scheduler {
namespace {

bool MatchesCharacter(char pattern, char text) {
  switch (pattern) {
    case '?':
      return true;
    case kPlainStar:
      return text == '*';
    case kPlainQuestionMark:
      return text == '?';
    case kPlainColon:
      return text == ':';
    default:
      return pattern == text;
  }
}

}  // namespace

// Greedy with one point to return to: the product of the two lengths at worst.
bool MatchesWildcards(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && MatchesCharacter(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchesArn(std::string_view pattern, std::string_view arn) {
  if (pattern == "*") return true;
  for (int part = 0; part < 5; ++part) {
    const size_t a = pattern.find(':');
    const size_t b = arn.find(':');
    if (a == std::string_view::npos || b == std::string_view::npos) return false;
    if (!MatchesWildcards(pattern.substr(0, a), arn.substr(0, b))) return false;
    pattern.remove_prefix(a + 1);
    arn.remove_prefix(b + 1);
  }
  return MatchesWildcards(pattern, arn);
}

}  // namespace berth::scheduler
