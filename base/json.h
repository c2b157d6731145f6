// JSON read with its path in hand, so that a complaint can say where.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth {

using Json = nlohmann::ordered_json;

/// Parses a whole document; the error names line and column. Duplicate keys are refused, as is
/// nesting deeper than 64.
Result<Json> ParseJson(std::string_view text);
/// Compact, one line; bytes that are not UTF-8 become U+FFFD.
std::string DumpJson(const Json& value);
std::string DumpJsonPretty(const Json& value);
/// `text` as a JSON string with its quotes, without the library: for programs that must stay small.
std::string QuoteJson(std::string_view text);

}  // namespace berth
