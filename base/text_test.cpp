#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "base/wire.h"

namespace berth {
namespace {

TEST(TextTest, SplitKeepsEmptyParts) {
  EXPECT_THAT(Split("a::b", ':'), testing::ElementsAre("a", "", "b"));
  EXPECT_THAT(Split("", ':'), testing::ElementsAre(""));
}

TEST(TextTest, ParseIntegerWantsTheWholeText) {
  EXPECT_EQ(ParseInteger<int>("42"), 42);
  EXPECT_EQ(ParseInteger<int>("42 "), std::nullopt);
  EXPECT_EQ(ParseInteger<uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(ParseInteger<unsigned>("755", 8), 0755U);
}

TEST(TextTest, SizesHaveBinaryUnits) {
  EXPECT_EQ(ParseSize("64"), 64);
  EXPECT_EQ(ParseSize("-1"), -1);
  EXPECT_EQ(ParseSize("64b"), 64);
  for (const char* text : {"64m", "64M", "64mb", "64MiB"}) EXPECT_EQ(ParseSize(text), 64 << 20);
  EXPECT_EQ(ParseSize("2p"), int64_t{2} << 50);
  for (const char* text : {"", "m", "64x", "64mm", "64m ", " 64", "6.4m", "-1m", "8192p", "0x1",
                           "64bb", "64ib", "9223372036854775808"}) {
    EXPECT_EQ(ParseSize(text), std::nullopt) << text;
  }
}

TEST(TextTest, HumanSizeKeepsOneDigit) {
  EXPECT_EQ(HumanSize(1023), "1023 B");
  EXPECT_EQ(HumanSize(1536), "1.5 KiB");
}

TEST(TimeTest, ReadsWhatItWrites) {
  const WallTime time(std::chrono::nanoseconds(1'795'386'676'000'000'001));
  EXPECT_EQ(*ParseTime(FormatTime(time)), time);
  EXPECT_EQ(*ParseTime("1970-01-01T01:00:00.5+01:00"), WallTime(std::chrono::milliseconds(500)));
  EXPECT_FALSE(ParseTime("1970-01-01 01:00"));
}

TEST(WireTest, ReadsWhatItWrites) {
  WireWriter out;
  out.Number(-5);
  out.Text("a\0b");
  out.Texts({"x", ""});
  const std::string bytes = out.Take();
  WireReader in(bytes);
  EXPECT_EQ(in.Number(), -5);
  EXPECT_EQ(in.Text(), "a");
  EXPECT_THAT(in.Texts(), testing::ElementsAre("x", ""));
  EXPECT_TRUE(in.Finish());
}

TEST(WireTest, EveryCutIsNoticed) {
  WireWriter out;
  out.Texts({"one", "two"});
  const std::string bytes = out.Take();
  for (size_t size = 0; size < bytes.size(); ++size) {
    WireReader in(std::string_view(bytes).substr(0, size));
    in.Texts();
    EXPECT_FALSE(in.Finish()) << size;
  }
}

TEST(WireTest, AnAbsurdCountAllocatesNothing) {
  WireWriter out;
  out.Number(INT64_MAX);
  const std::string bytes = out.Take();
  WireReader in(bytes);
  EXPECT_THAT(in.Texts(), testing::IsEmpty());
  EXPECT_FALSE(in.Finish());
}

}  // namespace
}  // namespace berth
