#include "agent/cli/table.h"

#include <gtest/gtest.h>

#include "agent/cli/age.h"

namespace berth::agent::cli {
namespace {

TEST(Table, IsAsWideAsItsWidestCells) {
  Table table({"NAME", "STATUS", "PORTS"});
  table.Add({"web", "RUNNING", "8080->80/tcp"});
  table.Add({"a-longer-name", "STOPPED", ""});
  EXPECT_EQ(table.Render(),
            "NAME            STATUS    PORTS\n"
            "web             RUNNING   8080->80/tcp\n"
            "a-longer-name   STOPPED   -\n");
}

TEST(Table, WithoutRowsIsItsHeadings) {
  EXPECT_EQ(Table({"NAME", "AGE"}).Render(), "NAME   AGE\n");
}

TEST(Table, FillsUpAShortRow) {
  Table table({"A", "B"});
  table.Add({"1"});
  EXPECT_EQ(table.Render(), "A   B\n1   -\n");
}

TEST(Age, IsInTheLargestUnitThatFits) {
  const WallTime then;
  const auto after = [&](std::chrono::seconds passed) { return Age(then, then + passed); };
  using std::chrono::hours;
  using std::chrono::seconds;
  EXPECT_EQ(after(seconds(0)), "0s");
  EXPECT_EQ(after(seconds(59)), "59s");
  EXPECT_EQ(after(seconds(60)), "1m");
  EXPECT_EQ(after(seconds(3599)), "59m");
  EXPECT_EQ(after(hours(25)), "1d");
  EXPECT_EQ(after(hours(23)), "23h");
  EXPECT_EQ(after(seconds(-5)), "0s");  // the clock was set back
}

}  // namespace
}  // namespace berth::agent::cli
