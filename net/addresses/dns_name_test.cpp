#include "net/addresses/dns_name.h"

#include <gtest/gtest.h>

#include <string>

namespace berth::net {
namespace {

TEST(DnsNameTest, LabelsAreShortAndPlain) {
  for (const char* text : {"a", "web-1", "Web_1", "0", "a--b"}) {
    EXPECT_TRUE(IsDnsLabel(text)) << text;
  }
  EXPECT_TRUE(IsDnsLabel(std::string(63, 'a')));
  for (const char* text : {"", "-a", "a-", "a b", "a.b", "*", "@", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(IsDnsLabel(text)) << text;
  }
  EXPECT_FALSE(IsDnsLabel(std::string(64, 'a')));
}

TEST(DnsNameTest, DomainsAreLabelsJoinedByDots) {
  EXPECT_TRUE(IsDomainName("berth.internal"));
  EXPECT_TRUE(IsDomainName("internal"));
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a b", "-a.b"}) {
    EXPECT_FALSE(IsDomainName(text)) << text;
  }
  EXPECT_FALSE(IsDomainName(std::string(60, 'a') + "." + std::string(60, 'b') + "." +
                            std::string(60, 'c') + "." + std::string(60, 'd')));
}

}  // namespace
}  // namespace berth::net
