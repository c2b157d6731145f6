// The terminal that a descriptor leads to, if it does.
#pragma once

#include <string_view>

#include "agent/cli/styled_text.h"

namespace berth::agent::cli {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

/// Whether `fd` is a terminal that knows how to move its cursor (TERM is not "dumb").
bool IsTerminal(int fd);
/// Both lead to one terminal.
bool SameTerminal(int one, int other);
/// 80 x 24 if the terminal does not say (ioctl_tty(2), TIOCGWINSZ).
TerminalSize SizeOfTerminal(int fd);
/// kOn on a terminal, unless the environment has a NO_COLOR (no-color.org).
Colours ColoursFor(int fd);
/// Writes all of it, unless who reads has gone away: that is no reason to fail, since the work
/// itself is elsewhere.
void Print(int fd, std::string_view text);

}  // namespace berth::agent::cli
