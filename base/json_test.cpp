#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_reader.h"

namespace berth {
namespace {

struct Port {
  int hostPort = 0;
  std::optional<std::string> protocol;
};
void ReadJson(const JsonReader& in, Port& out) {
  in.Require("hostPort", out.hostPort);
  in.Read("protocol", out.protocol);
  in.RefuseOtherFields();
}

std::vector<std::string> Complaints(std::string_view text) {
  const auto document = ParseJson(text);
  EXPECT_TRUE(document) << document.error().message();
  JsonProblems problems;
  const JsonReader in(*document, problems);
  std::map<std::string, std::vector<Port>> ports;
  in.Read("ports", ports);
  return problems.all();
}

TEST(JsonTest, SaysLineAndColumnOfASyntaxError) {
  EXPECT_EQ(ParseJson("{\n  \"a\": 1,\n  ?\n}").error().message(),
            "not valid JSON at line 3 column 3");
}

TEST(JsonTest, RefusesAKeyGivenTwice) {
  EXPECT_EQ(ParseJson(R"({"a": {"b": 1, "b": 2}})").error().message(),
            "not valid JSON: \"b\" is given twice in one object");
}

TEST(JsonTest, RefusesAKeyGivenTwiceAmongMany) {
  for (const int again : {0, 23, 24, 38}) {
    std::string fields;
    for (int i = 0; i < 40; ++i) fields += fmt::format("\"k{}\": {}, ", i, i);
    EXPECT_TRUE(ParseJson("{" + fields + "\"last\": 0}"));
    EXPECT_EQ(ParseJson(fmt::format("{{{}\"k{}\": 0}}", fields, again)).error().message(),
              fmt::format("not valid JSON: \"k{}\" is given twice in one object", again));
  }
}

TEST(JsonTest, RefusesDeepNesting) {
  EXPECT_FALSE(ParseJson(std::string(100000, '[')));
  EXPECT_EQ(ParseJson(std::string(65, '[') + std::string(65, ']')).error().message(),
            "not valid JSON: nested deeper than 64 levels");
}

TEST(JsonTest, TakesTimeInProportionToTheInput) {
  std::string fields;
  for (int i = 0; i < 200'000; ++i) fields += fmt::format("\"{}\":{{}},", i);
  // Minutes, if every key were looked up among all before it.
  EXPECT_EQ(ParseJson("{" + fields + "\"last\":0}")->size(), 200'001U);
}

TEST(JsonTest, RefusesANumberOutOfRange) {
  EXPECT_EQ(ParseJson("[1e999]").error().message(), "not valid JSON: a number is out of range");
}

TEST(JsonTest, ComplaintsNameThePath) {
  EXPECT_THAT(Complaints(R"({"ports": {"web": [{"hostPort": 1}, {"hostPort": "80"}]}})"),
              testing::ElementsAre("ports.web[1].hostPort: must be a whole number, not string"));
  EXPECT_THAT(
      Complaints(R"({"ports": {"web": [{"hostPort": 1.5}]}})"),
      testing::ElementsAre("ports.web[0].hostPort: must be a whole number, not a fraction"));
  EXPECT_THAT(Complaints(R"({"ports": {"web": [{"hostPort": 5000000000}]}})"),
              testing::ElementsAre("ports.web[0].hostPort: must be from -2147483648 to 2147483647, "
                                   "not 5000000000"));
  EXPECT_THAT(Complaints(R"({"ports": {"web": [{"port": 1}]}})"),
              testing::ElementsAre("ports.web[0]: hostPort is required",
                                   "ports.web[0]: unknown field \"port\""));
  EXPECT_THAT(Complaints(R"({"ports": {"web": [7]}})"),
              testing::ElementsAre("ports.web[0]: must be an object, not number"));
}

TEST(JsonTest, NullCountsAsAbsent) {
  EXPECT_THAT(Complaints(R"({"ports": {"web": [{"hostPort": 1, "protocol": null}]}})"),
              testing::IsEmpty());
}

TEST(JsonTest, QuotesLikeTheLibrary) {
  for (const std::string text : {"plain", "a\"b\\c\n\t\x01", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac"}) {
    EXPECT_EQ(*ParseJson(QuoteJson(text)), Json(text));
  }
  EXPECT_EQ(QuoteJson("a\xff\xc0\x80z"), "\"a\\ufffd\\ufffd\\ufffdz\"");
}

}  // namespace
}  // namespace berth
