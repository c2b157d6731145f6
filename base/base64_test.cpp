#include "base/base64.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(Base64, IsReadAsInTheRfc) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(DecodeBase64("AP+/"), std::string("\0\xff\xbf", 3));
}

TEST(Base64, AnythingElseIsRefused) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Zm9v\n", "Zm 9", "Z===", "====", "Zg==Zg==", "Zm9_", "Zh=="}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace berth
