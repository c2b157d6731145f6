#include "base/time.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

std::string Again(std::string_view text) {
  const auto time = ParseTime(text);
  return time ? FormatTime(*time) : time.error().message();
}

TEST(ParseTime, ReadsFractionsAndZones) {
  EXPECT_EQ(Again("2026-11-22T22:31:16.000000001Z"), "2026-11-22T22:31:16.000000001Z");
  EXPECT_EQ(Again("2026-11-22T22:31:16.5+02:30"), "2026-11-22T20:01:16.500000000Z");
  EXPECT_EQ(Again("1969-12-31T23:59:59.25Z"), "1969-12-31T23:59:59.250000000Z");
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  EXPECT_EQ(Again("today"), "\"today\" is not an RFC 3339 time");
  EXPECT_EQ(Again("2026-11-22T22:31:16"), "\"2026-11-22T22:31:16\" has no time zone");
  EXPECT_EQ(Again("2026-11-22T22:31:16+2"), "\"2026-11-22T22:31:16+2\" has no valid time zone");
}

TEST(ParseTime, RefusesWhatNanosecondsCannotReach) {
  EXPECT_EQ(Again("1009-02-13T00:00:00Z"), "\"1009-02-13T00:00:00Z\" is too far from today");
  EXPECT_EQ(Again("9999-12-31T23:59:59Z"), "\"9999-12-31T23:59:59Z\" is too far from today");
  EXPECT_EQ(Again("2262-04-11T00:00:00.9Z"), "2262-04-11T00:00:00.900000000Z");
}

}  // namespace
}  // namespace berth
