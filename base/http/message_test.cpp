#include "base/http/message.h"

#include <gmock/gmock.h>

namespace berth::http {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

TEST(Headers, NamesAreTheSameInAnyCase) {
  Headers headers = {{"Host", "a"}, {"X-Amz-Date", "1"}};
  EXPECT_THAT(headers.Find("x-amz-date"), Optional(std::string_view("1")));
  EXPECT_EQ(headers.Find("x-amz"), std::nullopt);
  headers.Set("HOST", "b");
  EXPECT_THAT(headers, ElementsAre(Pair("X-Amz-Date", "1"), Pair("HOST", "b")));
}

TEST(Request, TargetIsPathAndQuery) {
  const Request request = {.target = "/ws?a=1&b=2?"};
  EXPECT_EQ(request.Path(), "/ws");
  EXPECT_EQ(request.Query(), "a=1&b=2?");
  EXPECT_EQ(Request{.target = "/"}.Query(), "");
}

TEST(ParseForm, DecodesPairsInTheirOrder) {
  EXPECT_THAT(ParseForm("b=1+2&a=%2Fx%3D&c&&=d"),
              ElementsAre(Pair("b", "1 2"), Pair("a", "/x="), Pair("c", ""), Pair("", "d")));
}

TEST(PercentEncode, LeavesOnlyTheUnreserved) {
  EXPECT_EQ(PercentEncode("repository:a/b:pull ~"), "repository%3Aa%2Fb%3Apull%20~");
  EXPECT_EQ(PercentEncode("\xc3\xa9"), "%C3%A9");
}

TEST(PercentDecode, LeavesWhatIsNoEscape) {
  EXPECT_EQ(PercentDecode("%41%zz%4"), "A%zz%4");
  EXPECT_EQ(PercentDecode("%c3%A9"), "\xc3\xa9");
}

}  // namespace
}  // namespace berth::http
