#include "base/utf8.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(Utf8, IsLeftAsItIs) {
  for (const std::string text : {"", "plain", "\u00E9\u20AC\U0001F600", "\x01\x7F"}) {
    EXPECT_EQ(ValidUtf8(text), text);
  }
  EXPECT_EQ(Utf8Length("\u20ACx"), 3u);
}

TEST(Utf8, IsMadeOfWhatIsNone) {
  // A lone continuation, a sequence cut short, one overlong, a surrogate, one past the end.
  EXPECT_EQ(ValidUtf8("a\x80z"), "a\uFFFDz");
  EXPECT_EQ(ValidUtf8("\xE2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(ValidUtf8("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(ValidUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(ValidUtf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
}

}  // namespace
}  // namespace berth
