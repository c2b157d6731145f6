// The sub-commands of berth-test-helper: small programs to run inside containers.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace berth::helper {

/// What follows the name of the sub-command.
using Arguments = std::span<const std::string>;

/// A sub-command; answers the exit code.
struct Command {
  const char* name;
  const char* arguments;
  size_t least;  // how many arguments it needs
  Result<int> (*run)(Arguments);
};

std::span<const Command> ShowCommands();
std::span<const Command> NetworkCommands();
std::span<const Command> ProcessCommands();
std::span<const Command> CallCommands();

/// A number in 0..`most`, from an argument.
Result<int> Number(const std::string& text, int most);

}  // namespace berth::helper
