#include "base/http/url.h"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(Url, IsTakenApart) {
  const auto url = Url::Parse("https://registry.example:5000/v2/a?b=c#d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "registry.example");
  EXPECT_EQ(url->port, "5000");
  EXPECT_EQ(url->target, "/v2/a?b=c");
  EXPECT_EQ(url->ToString(), "https://registry.example:5000/v2/a?b=c");
  EXPECT_EQ(Url::Parse("http://a")->ToString(), "http://a/");
  EXPECT_EQ(Url::Parse("http://[::1]:80/x")->host, "::1");
  EXPECT_EQ(Url::Parse("https://[::1]:5000/x")->Authority(), "[::1]:5000");
  EXPECT_EQ(Url::Parse("https://a?x")->target, "/?x");
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* bad : {"", "a", "ftp://a", "https://", "https://a:0/", "https://a:x/",
                          "https://u@a/", "https://a/b c", "https://a/\r\nX: y"}) {
    EXPECT_FALSE(Url::Parse(bad)) << bad;
  }
}

TEST(Url, ResolvesLocations) {
  const Url base = *Url::Parse("https://a:5000/v2/x");
  EXPECT_EQ(base.Resolve("/y?z")->ToString(), "https://a:5000/y?z");
  EXPECT_EQ(base.Resolve("https://b/y")->ToString(), "https://b/y");
  EXPECT_FALSE(base.Resolve("//b/y"));
  EXPECT_FALSE(base.Resolve("/y\r\nX: y"));
}

TEST(Url, KnowsLoopbackByAddress) {
  EXPECT_TRUE(Url::Parse("https://127.0.0.1:5000")->IsLoopback());
  EXPECT_TRUE(Url::Parse("https://[::1]")->IsLoopback());
  EXPECT_TRUE(Url::Parse("https://localhost")->IsLoopback());
  EXPECT_FALSE(Url::Parse("https://127.0.0.1.example.com")->IsLoopback());
  EXPECT_FALSE(Url::Parse("https://localhost.example.com")->IsLoopback());
}

}  // namespace
}  // namespace berth::http
