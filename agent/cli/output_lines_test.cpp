#include "agent/cli/output_lines.h"

#include <gtest/gtest.h>

namespace berth::agent::cli {
namespace {

logs::LogEntry Entry(std::string text) {
  return {.time = WallTime(std::chrono::seconds(1)), .text = std::move(text)};
}

TEST(OutputLines, PutsThePaddedNameBeforeEachLine) {
  OutputLines lines({});
  lines.Add("web");
  lines.Add("sidecar");
  EXPECT_EQ(lines.Format("web", Entry("hello\n")), "web     | hello\n");
  EXPECT_EQ(lines.Format("sidecar", Entry("hi\n")), "sidecar | hi\n");
}

TEST(OutputLines, LeavesLinesAloneWithoutPrefix) {
  OutputLines lines({.prefix = Prefix::kNone});
  EXPECT_EQ(lines.Format("web", Entry("hello\n")), "hello\n");
}

TEST(OutputLines, WritesTheTimeFirst) {
  OutputLines lines({.timestamps = Timestamps::kOn});
  EXPECT_EQ(lines.Format("web", Entry("x\n")), "1970-01-01T00:00:01.000000000Z web | x\n");
}

TEST(OutputLines, GivesEachContainerItsColour) {
  OutputLines lines({.colours = Colours::kOn});
  EXPECT_EQ(lines.Format("a", Entry("x\n")), "\x1b[36ma |\x1b[0m x\n");
  EXPECT_EQ(lines.Format("b", Entry("x\n")), "\x1b[33mb |\x1b[0m x\n");
  EXPECT_EQ(lines.Format("a", Entry("x\n")), "\x1b[36ma |\x1b[0m x\n");
}

TEST(OutputLines, ContinuesALineThatComesInParts) {
  OutputLines lines({});
  EXPECT_EQ(lines.Format("web", Entry("one ")), "web | one ");
  EXPECT_EQ(lines.Format("web", Entry("line\n")), "line\n");
  EXPECT_EQ(lines.Close(), "");
}

TEST(OutputLines, EndsALineThatAnotherContainerInterrupts) {
  OutputLines lines({});
  EXPECT_EQ(lines.Format("a", Entry("one ")), "a | one ");
  EXPECT_EQ(lines.Format("b", Entry("two\n")), "\nb | two\n");
  EXPECT_EQ(lines.Format("a", Entry("three")), "a | three");
  EXPECT_EQ(lines.Close(), "\n");
  EXPECT_EQ(lines.Close(), "");
}

}  // namespace
}  // namespace berth::agent::cli
