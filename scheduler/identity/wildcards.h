// Patterns of policies: * is any text, ? any one character.
#pragma once

#include <string_view>

namespace berth::scheduler {

/// In a pattern, in the place of a *, ? or : that is only that character: what a variable stood for
/// must not widen the pattern, nor move its parts (variables.h).
inline constexpr char kPlainStar = '\x01';
inline constexpr char kPlainQuestionMark = '\x02';
inline constexpr char kPlainColon = '\x03';

bool MatchesWildcards(std::string_view pattern, std::string_view text);

/// Each of the six parts by itself, so that a wildcard does not reach over a colon but in the last
/// part. The pattern "*" matches anything.
bool MatchesArn(std::string_view pattern, std::string_view arn);

}  // namespace berth::scheduler
