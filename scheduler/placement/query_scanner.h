// Cuts an expression of the cluster query language into words, values and symbols.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::scheduler::placement {

/// Goes through `expression` once; every step first skips blanks.
class QueryScanner {
 public:
  explicit QueryScanner(std::string_view expression) : text_(expression) {}

  bool AtEnd();
  /// Where the next thing starts, for Expected.
  size_t Position();

  /// Takes `symbol` if it comes next.
  bool TakeSymbol(std::string_view symbol);
  /// Takes `word` if it comes next, and no longer one: "in", not "index".
  bool TakeWord(std::string_view word);

  /// Takes the name of a subject; "" if none comes next.
  std::string_view TakeName();
  /// Takes a value, quoted or bare. `what` is expected, in case there is none.
  Result<std::string_view> TakeValue(std::string_view what);
  /// As TakeValue, but bare ones may have parentheses, brackets and commas.
  Result<std::string_view> TakePattern(std::string_view what);

  /// "at character 14: expected a value after ==, found end of expression".
  Error Expected(std::string_view what, size_t position) const;
  Error Expected(std::string_view what) { return Expected(what, Position()); }
  /// As Expected, where `what` says by itself what was found.
  Error Complaint(std::string_view what, size_t position) const;

 private:
  enum class Bare { kValue, kPattern };

  std::string_view Rest() const { return text_.substr(at_); }
  void SkipBlanks();
  Result<std::string_view> Take(std::string_view what, Bare bare);
  Result<std::string_view> TakeQuoted();
  std::string_view Advance(size_t count);

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace berth::scheduler::placement
