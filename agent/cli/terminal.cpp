#include "agent/cli/terminal.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "base/sys.h"

namespace berth::agent::cli {
namespace {

std::string_view Environment(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

bool IsTerminal(int fd) { return ::isatty(fd) == 1 && Environment("TERM") != "dumb"; }

bool SameTerminal(int one, int other) {
  struct stat first;
  struct stat second;
  return IsTerminal(one) && IsTerminal(other) && ::fstat(one, &first) == 0 &&
         ::fstat(other, &second) == 0 && first.st_rdev == second.st_rdev;
}

TerminalSize SizeOfTerminal(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

Colours ColoursFor(int fd) {
  return IsTerminal(fd) && Environment("NO_COLOR").empty() ? Colours::kOn : Colours::kOff;
}

void Print(int fd, std::string_view text) { (void)sys::WriteAll(fd, text).has_value(); }

}  // namespace berth::agent::cli
