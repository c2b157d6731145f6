#include "agent/cli/styled_text.h"

#include <gtest/gtest.h>

namespace berth::agent::cli {
namespace {

TEST(StyledText, PaintsOnlyWhereColoursAreOn) {
  EXPECT_EQ(Painted("web", Paint::kCyan, Colours::kOn), "\x1b[36mweb\x1b[0m");
  EXPECT_EQ(Painted("web", Paint::kCyan, Colours::kOff), "web");
}

TEST(StyledText, TheFirstSixColoursDiffer) {
  for (size_t one = 0; one < 6; ++one) {
    for (size_t other = 0; other < one; ++other) EXPECT_NE(PaintOf(one), PaintOf(other));
  }
  EXPECT_EQ(PaintOf(6), PaintOf(0));
}

TEST(StyledText, WidthCountsCharactersAndNotTheirBytesOrColours) {
  EXPECT_EQ(Width(""), 0);
  EXPECT_EQ(Width(Painted("w\xc3\xa4\xc3\xa4h", Paint::kRed, Colours::kOn)), 4);
}

TEST(StyledText, FitCutsBetweenCharactersAndEndsColours) {
  EXPECT_EQ(Fit("abc", 3), "abc");
  EXPECT_EQ(Fit("abc", 2), "ab");
  EXPECT_EQ(Fit("\xc3\xa4\xc3\xa4", 1), "\xc3\xa4");
  EXPECT_EQ(Fit(Painted("abc", Paint::kRed, Colours::kOn), 2), "\x1b[31mab\x1b[0m");
  EXPECT_EQ(Fit(Painted("ab", Paint::kRed, Colours::kOn) + "c", 2), "\x1b[31mab\x1b[0m");
}

TEST(StyledText, FitSurvivesAnEscapeSequenceThatDoesNotEnd) {
  EXPECT_EQ(Fit("a\x1b[3", 5), "a\x1b[3");
}

TEST(StyledText, PadFillsUpAndNeverCuts) {
  EXPECT_EQ(Pad("ab", 4), "ab  ");
  EXPECT_EQ(Pad("abcde", 4), "abcde");
}

TEST(StyledText, OneLineHasNoControlCharacters) {
  EXPECT_EQ(OneLine("a\nb\x1b[2J\x7f\xc3\xa4"), "a?b?[2J?\xc3\xa4");
}

}  // namespace
}  // namespace berth::agent::cli
