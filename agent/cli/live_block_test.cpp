#include "agent/cli/live_block.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace berth::agent::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TerminalSize kSize = {.columns = 20, .rows = 5};

// What a terminal shows of `output`: its rows, the cursor's row last. Knows what the block uses:
// line feeds, carriage returns, cursor up, clear to the end of the line and of the screen.
class FakeTerminal {
 public:
  explicit FakeTerminal(size_t columns) : columns_(columns) {}

  void Write(std::string_view output) {
    while (!output.empty()) {
      if (output.starts_with("\x1b[")) {
        const size_t end = output.find_first_not_of("0123456789", 2);
        Command(output[end], output.substr(2, end - 2));
        output.remove_prefix(end + 1);
        continue;
      }
      Character(output.front());
      output.remove_prefix(1);
    }
  }
  // The terminal's user has made it narrower: rows are wrapped.
  void Narrow(size_t columns) {
    columns_ = columns;
    std::vector<std::string> wrapped;
    for (const std::string& row : rows_) {
      for (size_t at = 0; at == 0 || at < row.size(); at += columns) {
        wrapped.push_back(row.substr(at, columns));
      }
    }
    row_ += wrapped.size() - rows_.size();
    rows_ = wrapped;
  }
  std::vector<std::string> rows() const { return rows_; }

 private:
  void Character(char c) {
    if (c == '\r') {
      column_ = 0;
    } else if (c == '\n') {
      column_ = 0;
      if (++row_ == rows_.size()) rows_.emplace_back();
    } else {
      ASSERT_LT(column_, columns_) << "the line is too long";
      std::string& row = rows_[row_];
      row.resize(std::max(row.size(), column_ + 1), ' ');
      row[column_++] = c;
    }
  }
  void Command(char command, std::string_view parameter) {
    if (command == 'A') {
      const size_t up = std::stoul(std::string(parameter));
      ASSERT_LE(up, row_) << "above the first row";
      row_ -= up;
    } else {
      rows_[row_].resize(std::min(rows_[row_].size(), column_));
      if (command == 'J') rows_.resize(row_ + 1);
    }
  }

  size_t columns_;
  std::vector<std::string> rows_ = {""};
  size_t row_ = 0;
  size_t column_ = 0;
};

Drawn Widths(const std::vector<std::string>& lines) {
  Drawn drawn;
  for (const std::string& line : lines) drawn.push_back(Width(line));
  return drawn;
}

TEST(LiveBlock, TheFirstFrameIsItsLines) {
  FakeTerminal terminal(20);
  terminal.Write(Redraw({}, {"one", "two"}, kSize));
  EXPECT_THAT(terminal.rows(), ElementsAre("one", "two", ""));
}

TEST(LiveBlock, AFrameReplacesTheOneBefore) {
  FakeTerminal terminal(20);
  terminal.Write("above\n");
  terminal.Write(Redraw({}, {"one is long", "two", "three"}, kSize));
  terminal.Write(Redraw(Widths({"one is long", "two", "three"}), {"1", "2"}, kSize));
  EXPECT_THAT(terminal.rows(), ElementsAre("above", "1", "2", ""));
}

TEST(LiveBlock, AnEmptyFrameLeavesNothing) {
  FakeTerminal terminal(20);
  terminal.Write("above\n");
  terminal.Write(Redraw({}, {"one", "two"}, kSize));
  terminal.Write(Redraw(Widths({"one", "two"}), {}, kSize));
  EXPECT_THAT(terminal.rows(), ElementsAre("above", ""));
  EXPECT_THAT(Redraw({}, {}, kSize), IsEmpty());
}

TEST(LiveBlock, LinesThatANarrowerTerminalHasWrappedGoAsWell) {
  FakeTerminal terminal(20);
  terminal.Write("above\n");
  terminal.Write(Redraw({}, {"nineteen characters", "two"}, kSize));
  terminal.Narrow(10);
  terminal.Write(
      Redraw(Widths({"nineteen characters", "two"}), {"1", "2"}, {.columns = 10, .rows = 5}));
  EXPECT_THAT(terminal.rows(), ElementsAre("above", "1", "2", ""));
}

TEST(LiveBlock, AFrameIsOneSequenceThatClearsNothingBeforeItDraws) {
  // Else a terminal could show the moment in between.
  EXPECT_EQ(Redraw({3}, {"new"}, kSize), "\x1b[1A\rnew\x1b[K\n\x1b[J");
}

TEST(LiveBlock, WhatIsForAnotherFileGoesThereAndDrawsNothing) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd from(ends[0]);
  const UniqueFd to(ends[1]);
  LiveBlock block(STDERR_FILENO);
  block.PrintAbove(to.get(), "text\n");
  char read[16];
  EXPECT_EQ(std::string_view(read, ::read(from.get(), read, sizeof read)), "text\n");
}

TEST(LiveBlock, ClipKeepsTheLastColumnAndRowFree) {
  const std::vector<std::string> lines = {"a", "b", "c", "d", "123456789012345678901234"};
  EXPECT_THAT(Clip(lines, kSize), ElementsAre("b", "c", "d", "1234567890123456789"));
  EXPECT_THAT(Clip(lines, {.columns = 1, .rows = 1}), ElementsAre(""));
}

}  // namespace
}  // namespace berth::agent::cli
