#include "base/json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace berth {
namespace {

constexpr int kMaxDepth = 64;

// Where byte `offset` of `text` stands, as a person counts.
std::string Position(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  size_t line = 1;
  size_t line_start = 0;
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++line;
      line_start = i + 1;
    }
  }
  return fmt::format("line {} column {}", line, offset - line_start + 1);
}

// True if brackets nest deeper than kMaxDepth. Looked at before the parse: the library's own tree
// would overflow the stack when it is taken down.
bool TooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kMaxDepth) return true;
  }
  return false;
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  if (TooDeep(text)) return MakeError("not valid JSON: nested deeper than {} levels", kMaxDepth);
  std::vector<std::set<std::string>> keys;
  std::string problem;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value).second && problem.empty()) {
      problem = fmt::format("\"{}\" is given twice in one object", value.get<std::string>());
    }
    return true;
  };
  try {
    Json document = Json::parse(text, watch);
    if (!problem.empty()) return MakeError("not valid JSON: {}", problem);
    return document;
  } catch (const Json::parse_error& error) {
    return MakeError("not valid JSON at {}", Position(text, error.byte > 0 ? error.byte - 1 : 0));
  } catch (const Json::exception&) {
    return MakeError("not valid JSON: a number is out of range");
  }
}

std::string DumpJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string DumpJsonPretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace berth
