#include "net/netns.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"

namespace berth::net {
namespace {

ino_t Number(int fd) {
  struct stat status {};
  EXPECT_EQ(::fstat(fd, &status), 0);
  return status.st_ino;
}

class NetnsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(NetnsTest, IsEmptyButForItsLoopback) {
  const auto made = Netns::Create();
  ASSERT_TRUE(made) << made.error().message();
  const auto devices = made->Run([] { return ReadFile("/proc/thread-self/net/dev"); });
  ASSERT_TRUE(devices);
  EXPECT_NE(devices->find("lo:"), std::string::npos);
  EXPECT_EQ(devices->find("eth"), std::string::npos);
  const auto ipv6 =
      made->Run([] { return ReadFile("/proc/sys/net/ipv6/conf/default/disable_ipv6"); });
  EXPECT_EQ(*ipv6, "1\n");
}

TEST_F(NetnsTest, RunLeavesTheCallerWhereItWas) {
  const Netns before = *Netns::Current();
  const Netns made = *Netns::Create();
  const auto inside = made.Run([]() -> Result<ino_t> { return Number(Netns::Current()->fd()); });
  EXPECT_EQ(*inside, Number(made.fd()));
  EXPECT_EQ(Number(Netns::Current()->fd()), Number(before.fd()));
  EXPECT_NE(Number(made.fd()), Number(before.fd()));
}

TEST_F(NetnsTest, RunHandsOnTheFailureOfItsWork) {
  const auto failed = Netns::Current()->Run([]() -> Result<void> { return MakeError("no luck"); });
  EXPECT_EQ(failed.error().message(), "no luck");
}

TEST_F(NetnsTest, OpensNothingButANamespace) {
  EXPECT_FALSE(Netns::Open("/proc/self/ns/none"));
  const auto file = Netns::Open("/etc/passwd");
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->Run([]() -> Result<void> { return {}; })) << "found out when entered";
}

}  // namespace
}  // namespace berth::net
