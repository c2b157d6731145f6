#include "runtime/cli/arguments.h"

#include <getopt.h>

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace berth::runtime::cli {
namespace {

constexpr int kLongOnly = 256;  // values from here up are options without a letter

struct Table {
  std::string letters;
  std::vector<option> names;
};

Table TableOf(std::span<const Option> options, Order order) {
  // '+': stop at the first word that is no option. ':': tell a missing value from an unknown
  // option.
  Table table = {.letters = order == Order::kOptionsFirst ? "+:" : ":"};
  for (size_t i = 0; i < options.size(); ++i) {
    const bool has_value = options[i].value != nullptr;
    // A switch may be set by what follows its =, as runc's are.
    table.names.push_back({options[i].name, has_value ? required_argument : optional_argument,
                           nullptr, kLongOnly + static_cast<int>(i)});
    if (options[i].letter == 0) continue;
    table.letters += options[i].letter;
    if (has_value) table.letters += ':';
  }
  table.names.push_back({});
  return table;
}

const Option* FindOption(std::span<const Option> options, int value) {
  if (value >= kLongOnly) return &options[static_cast<size_t>(value - kLongOnly)];
  for (const Option& option : options) {
    if (option.letter == value) return &option;
  }
  return nullptr;
}

// --detach=false
Result<bool> IsSet(const Option& option, std::string_view value) {
  for (const char* yes : {"true", "t", "1", "TRUE", "True", "T"}) {
    if (value == yes) return true;
  }
  for (const char* no : {"false", "f", "0", "FALSE", "False", "F"}) {
    if (value == no) return false;
  }
  return MakeError("--{}={}: must be true or false", option.name, value);
}

}  // namespace

std::string Arguments::Value(std::string_view name, std::string_view fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(fallback) : found->second.back();
}

std::vector<std::string> Arguments::Values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

Result<int64_t> Arguments::Number(std::string_view name, int64_t fallback, int64_t least) const {
  if (!Has(name)) return fallback;
  const auto number = ParseInteger<int64_t>(Value(name));
  if (!number || *number < least) {
    return MakeError("--{} {}: must be a number from {} up", name, Value(name), least);
  }
  return *number;
}

Result<Arguments> ParseArguments(std::span<const Option> options, Order order,
                                 std::vector<char*> words) {
  const Table table = TableOf(options, order);
  std::string program = "berth-runtime";
  words.insert(words.begin(), program.data());
  const int count = static_cast<int>(words.size());
  words.push_back(nullptr);
  Arguments arguments;
  ::opterr = 0;
  ::optind = 0;  // start anew, as glibc wants it
  for (;;) {
    const int value =
        ::getopt_long(count, words.data(), table.letters.c_str(), table.names.data(), nullptr);
    if (value == -1) break;
    // By now it stands behind the word; of letters in one word it may stand at it.
    const std::string_view word = words[static_cast<size_t>(std::max(1, ::optind - 1))];
    if (value == ':') return MakeError("{} needs a value", word);
    const Option* option = value == '?' ? nullptr : FindOption(options, value);
    if (option == nullptr) return MakeError("unknown option {}", word);
    if (option->value != nullptr || ::optarg == nullptr) {
      arguments.values_[option->name].emplace_back(::optarg != nullptr ? ::optarg : "");
    } else if (!TRY(IsSet(*option, ::optarg))) {
      arguments.values_.erase(option->name);
    } else {
      arguments.values_[option->name].emplace_back();
    }
  }
  for (int i = ::optind; i < count; ++i) {
    arguments.words_.emplace_back(words[static_cast<size_t>(i)]);
  }
  return arguments;
}

std::string DescribeOptions(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    std::string names = option.letter != 0 ? fmt::format("-{}, ", option.letter) : "    ";
    names += fmt::format("--{}", option.name);
    if (option.value != nullptr) names += fmt::format(" {}", option.value);
    text += fmt::format("  {:<32} {}\n", names, option.help);
  }
  return text;
}

}  // namespace berth::runtime::cli
