#include "systemd/property_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::systemd {
namespace {

using testing::HasSubstr;

UnitProperty Parsed(std::string_view name, std::string_view text) {
  auto parsed = ParseProperty(name, text);
  EXPECT_TRUE(parsed) << parsed.error().message();
  return parsed ? std::move(*parsed) : UnitProperty();
}

TEST(PropertyText, HasTheTypeThatIsWritten) {
  EXPECT_EQ(Parsed("KillSignal", "37").value, PropertyValue(int32_t{37}));
  EXPECT_EQ(Parsed("Nice", "int32 -5").value, PropertyValue(int32_t{-5}));
  EXPECT_EQ(Parsed("X", "uint32 5").value, PropertyValue(uint32_t{5}));
  EXPECT_EQ(Parsed("X", "int64 -5").value, PropertyValue(int64_t{-5}));
  EXPECT_EQ(Parsed("TimeoutStopUSec", "uint64 10000000").value,
            PropertyValue(uint64_t{10'000'000}));
  EXPECT_EQ(Parsed("SendSIGHUP", " true ").value, PropertyValue(true));
  EXPECT_EQ(Parsed("CollectMode", "'inactive'").value, PropertyValue(std::string("inactive")));
  EXPECT_EQ(Parsed("X", R"("a \"b\" 'c'")").value, PropertyValue(std::string("a \"b\" 'c'")));
  EXPECT_EQ(Parsed("After", "['a.service', \"b\"]").value,
            PropertyValue(std::vector<std::string>{"a.service", "b"}));
  EXPECT_EQ(Parsed("After", "[]").value, PropertyValue(std::vector<std::string>()));
}

TEST(PropertyText, SecondsBecomeMicroseconds) {
  const UnitProperty whole = {.name = "TimeoutStopUSec", .value = uint64_t{3'000'000}};
  EXPECT_EQ(Parsed("TimeoutStopSec", "3"), whole);
  EXPECT_EQ(Parsed("TimeoutStopSec", "uint64 3"), whole);
  EXPECT_EQ(Parsed("TimeoutStopSec", "0.5").value, PropertyValue(uint64_t{500'000}));
  EXPECT_EQ(Parsed("Sec", "1").name, "Sec");
}

TEST(PropertyText, AnythingElseIsRefused) {
  for (const char* text : {"", "inactive", "'a", "'a'b", "['a'", "['a' 'b']", "[1]", "['a',]",
                           "1.5", "uint64 -1", "4294967296", "byte 1", "'a\\", "uint64", "tru"}) {
    const auto parsed = ParseProperty("X", text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message(), HasSubstr("is none of true, false"));
  }
  for (const char* text : {"", "-1", "x", "1s", "nan", "inf", "1e30", " "}) {
    EXPECT_FALSE(ParseProperty("TimeoutStopSec", text)) << text;
  }
  for (const char* name : {"", "A b", "A.b", "1A", "A\n"}) EXPECT_FALSE(ParseProperty(name, "1"));
}

}  // namespace
}  // namespace berth::systemd
