#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/text.h"
#include "tests/helper/commands.h"

namespace berth::helper {

Result<int> Number(const std::string& text, int most) {
  const auto number = ParseInteger<int>(text);
  if (!number || *number < 0 || *number > most) {
    return MakeError("\"{}\" is not a number from 0 to {}", text, most);
  }
  return *number;
}

namespace {

constexpr int kUsage = 64;

int Usage() {
  std::fputs("usage:\n", stderr);
  for (const auto commands :
       {ShowCommands(), NetworkCommands(), ProcessCommands(), CallCommands()}) {
    for (const Command& command : commands) {
      fmt::print(stderr, "  berth-test-helper {} {}\n", command.name, command.arguments);
    }
  }
  return kUsage;
}

int Main(const std::vector<std::string>& words) {
  if (words.empty()) return Usage();
  const Arguments arguments(words.begin() + 1, words.end());
  for (const auto commands :
       {ShowCommands(), NetworkCommands(), ProcessCommands(), CallCommands()}) {
    for (const Command& command : commands) {
      if (words[0] != command.name) continue;
      if (arguments.size() < command.least) return Usage();
      const auto code = command.run(arguments);
      if (code) return *code;
      fmt::print(stderr, "berth-test-helper {}: {}\n", command.name, code.error().message());
      return kUsage;
    }
  }
  return Usage();
}

}  // namespace
}  // namespace berth::helper

int main(int argc, char** argv) {
  return berth::helper::Main(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
