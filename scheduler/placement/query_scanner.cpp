#include "scheduler/placement/query_scanner.h"

#include <algorithm>

#include "base/json.h"

namespace berth::scheduler::placement {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool IsNameCharacter(char c) {
  // Those of attribute names (PutAttributes), and the colon of "attribute:" and "task:group".
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./\\:").find(c) != std::string_view::npos;
}

// How much of `text` is a bare value.
size_t ValueLength(std::string_view text) {
  const size_t end = text.find_first_of(" \t\r\n()[],'\"");
  return std::min({end, text.find("&&"), text.find("||"), text.size()});
}

// How much of `text` is a bare pattern: up to a blank, or what closes something before it. What a
// backslash precedes, and what is in a class, opens and closes nothing.
size_t PatternLength(std::string_view text) {
  size_t open = 0;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (kBlanks.find(c) != std::string_view::npos) return i;
    if (c == '\\' && i + 1 < text.size() && kBlanks.find(text[i + 1]) == std::string_view::npos) {
      ++i;
    } else if (c == '[') {
      in_class = true;
    } else if (c == ']') {
      in_class = false;
    } else if (c == '(' && !in_class) {
      ++open;
    } else if (c == ')' && !in_class) {
      if (open == 0) return i;
      --open;
    }
  }
  return text.size();
}

}  // namespace

void QueryScanner::SkipBlanks() {
  at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
}

bool QueryScanner::AtEnd() { return Position() == text_.size(); }

size_t QueryScanner::Position() {
  SkipBlanks();
  return at_;
}

std::string_view QueryScanner::Advance(size_t count) {
  const std::string_view taken = text_.substr(at_, count);
  at_ += count;
  return taken;
}

bool QueryScanner::TakeSymbol(std::string_view symbol) {
  SkipBlanks();
  if (!Rest().starts_with(symbol)) return false;
  Advance(symbol.size());
  return true;
}

bool QueryScanner::TakeWord(std::string_view word) {
  SkipBlanks();
  const std::string_view rest = Rest();
  if (!rest.starts_with(word)) return false;
  if (rest.size() > word.size() && IsNameCharacter(rest[word.size()])) return false;
  Advance(word.size());
  return true;
}

std::string_view QueryScanner::TakeName() {
  SkipBlanks();
  const std::string_view rest = Rest();
  const auto end = std::find_if_not(rest.begin(), rest.end(), IsNameCharacter);
  return Advance(static_cast<size_t>(end - rest.begin()));
}

Result<std::string_view> QueryScanner::TakeValue(std::string_view what) {
  return Take(what, Bare::kValue);
}

Result<std::string_view> QueryScanner::TakePattern(std::string_view what) {
  return Take(what, Bare::kPattern);
}

Result<std::string_view> QueryScanner::Take(std::string_view what, Bare bare) {
  SkipBlanks();
  const std::string_view rest = Rest();
  if (rest.starts_with('\'') || rest.starts_with('"')) return TakeQuoted();
  const size_t length = bare == Bare::kPattern ? PatternLength(rest) : ValueLength(rest);
  if (length == 0) return Expected(what);
  return Advance(length);
}

Result<std::string_view> QueryScanner::TakeQuoted() {
  const std::string_view rest = Rest();
  const size_t end = rest.find(rest.front(), 1);
  if (end == std::string_view::npos) {
    return Complaint(fmt::format("expected another {} that closes this one", rest.front()), at_);
  }
  return Advance(end + 1).substr(1, end - 1);
}

Error QueryScanner::Expected(std::string_view what, size_t position) const {
  const std::string_view rest = text_.substr(position);
  if (rest.empty())
    return Complaint(fmt::format("expected {}, found end of expression", what), position);
  // The next word is enough to know the place by; if it starts with a symbol, that is.
  const size_t word = static_cast<size_t>(
      std::find_if_not(rest.begin(), rest.end(), IsNameCharacter) - rest.begin());
  const size_t symbol = std::min(rest.find_first_of(" \t\r\n", 1), size_t{2});
  const std::string_view found = rest.substr(0, word == 0 ? symbol : word);
  return Complaint(fmt::format("expected {}, found {}", what, QuoteJson(found)), position);
}

Error QueryScanner::Complaint(std::string_view what, size_t position) const {
  // Of a character in UTF-8 only the first byte counts.
  const auto before = text_.substr(0, position);
  const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return MakeError("at character {}: {}", characters + 1, what);
}

}  // namespace berth::scheduler::placement
