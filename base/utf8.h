// UTF-8 (RFC 3629).
#pragma once

#include <string>
#include <string_view>

namespace berth {

/// The length of the sequence at the start of `text`, which is not empty; 0 if there is none.
size_t Utf8Length(std::string_view text);

/// `text` with U+FFFD in the place of each byte that is not part of a sequence.
std::string ValidUtf8(std::string_view text);

}  // namespace berth
