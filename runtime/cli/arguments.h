// The words after a command, sorted into options and the rest.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::runtime::cli {

struct Option {
  const char* name;   // "pid-file", given as --pid-file
  char letter;        // 'p' for -p as well; 0: none
  const char* value;  // what its value is called in the help; null: it takes none
  const char* help;
};

/// Whether options may stand behind the first word that is none.
enum class Order {
  kAnywhere,
  kOptionsFirst,  // what follows belongs to somebody else: the program of `exec`
};

class Arguments {
 public:
  bool Has(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// The last value given, or `fallback`.
  std::string Value(std::string_view name, std::string_view fallback = "") const;
  /// All values given, in order.
  std::vector<std::string> Values(std::string_view name) const;
  /// The value as a number of at least `least`; `fallback` if it was not given.
  Result<int64_t> Number(std::string_view name, int64_t fallback, int64_t least = 0) const;
  /// What is not an option.
  const std::vector<std::string>& words() const { return words_; }

 private:
  friend Result<Arguments> ParseArguments(std::span<const Option>, Order, std::vector<char*>);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> words_;
};

/// `words` without the command's own name. As getopt_long(3) reads them: --name=value, --name
/// value, -nvalue, -n value, names cut short where that is clear, and -- before what only looks
/// like an option.
Result<Arguments> ParseArguments(std::span<const Option> options, Order order,
                                 std::vector<char*> words);

/// The lines of a help text about options.
std::string DescribeOptions(std::span<const Option> options);

}  // namespace berth::runtime::cli
