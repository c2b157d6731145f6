#include "net/links/bandwidth.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <thread>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr uint16_t kTransferPort = 7070;
constexpr size_t kTransfer = 4 << 20;
constexpr uint64_t kRate = 20'000'000;
// Of 1514 bytes on the wire TCP carries 1448.
constexpr double kCarried = 1448.0 / 1514.0;

UniqueFd MakeSocket(const Netns& where) {
  UniqueFd fd;
  const auto made = where.Run([&]() -> Result<void> {
    fd = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience = {.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return {};
  });
  EXPECT_TRUE(made);
  return fd;
}

/// Bits a second that one TCP connection carries from one namespace to an address in another.
double Measure(const Netns& from, const Netns& to, const std::string& address) {
  sockaddr_in place = {
      .sin_family = AF_INET, .sin_port = htons(kTransferPort), .sin_addr = {}, .sin_zero = {}};
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  const UniqueFd listener = MakeSocket(to);
  const int yes = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&place), sizeof place), 0);
  EXPECT_EQ(::listen(listener.get(), 1), 0);
  std::thread sender([&] {
    const UniqueFd connection = MakeSocket(from);
    if (::connect(connection.get(), reinterpret_cast<sockaddr*>(&place), sizeof place) < 0) return;
    const std::string data(64 << 10, 'x');
    for (size_t sent = 0; sent < kTransfer;) {
      const ssize_t size = ::send(connection.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      sent += static_cast<size_t>(size);
    }
  });
  const UniqueFd connection(::accept(listener.get(), nullptr, nullptr));
  const auto begun = std::chrono::steady_clock::now();
  std::array<char, 64 << 10> buffer;
  size_t got = 0;
  for (ssize_t size; (size = ::recv(connection.get(), buffer.data(), buffer.size(), 0)) > 0;) {
    got += static_cast<size_t>(size);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  sender.join();
  EXPECT_EQ(got, kTransfer);
  return static_cast<double>(got) * 8 / took.count();
}

void ExpectRate(double measured) {
  EXPECT_GT(measured, 0.85 * kRate * kCarried);
  EXPECT_LT(measured, 1.15 * kRate * kCarried);
}

class BandwidthTest : public TestHost {
 protected:
  void SetUp() override {
    TestHost::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    outside_ = MakeOutside();
  }
  Netns StartLimited(const std::string& id, int last, const Bandwidth& bandwidth) const {
    Attachment plan = Plan(id, last);
    plan.bandwidth = bandwidth;
    return Start(plan);
  }
  static std::string LimiterOf(const std::string& id) { return LimiterName(HostInterfaceName(id)); }
  static std::string Links() { return Output({"/usr/sbin/ip", "link"}); }

  Netns outside_;
};

TEST_F(BandwidthTest, WhatATaskSendsIsLimited) {
  const Netns task = StartLimited("one", 5, {.egress = RateLimit{.bitsPerSecond = kRate}});
  ExpectRate(Measure(task, outside_, "192.0.2.2"));
}

TEST_F(BandwidthTest, WhatATaskGetsIsLimitedAndWhatItSendsIsNot) {
  const Netns task = StartLimited("one", 5, {.ingress = RateLimit{.bitsPerSecond = kRate}});
  const Netns other = Start(Plan("two", 6));
  ExpectRate(Measure(other, task, "10.9.0.5"));
  EXPECT_GT(Measure(task, other, "10.9.0.6"), 2.0 * kRate);
}

TEST_F(BandwidthTest, BothWaysHaveTheirOwnLimit) {
  const Netns task =
      StartLimited("one", 5,
                   {.egress = RateLimit{.bitsPerSecond = kRate},
                    .ingress = RateLimit{.bitsPerSecond = 2 * kRate, .burst = 128 << 10}});
  const Netns other = Start(Plan("two", 6));
  ExpectRate(Measure(task, other, "10.9.0.6"));
  ExpectRate(Measure(other, task, "10.9.0.5") / 2);
}

TEST_F(BandwidthTest, ALimitedTaskIsPinnedToItsAddressAsAnyOther) {
  const Netns task = StartLimited("one", 5, {.egress = RateLimit{.bitsPerSecond = kRate}});
  const Netns victim = Start(Plan("two", 6));
  Server server(host_, Protocol::kTcp, 8080);
  ASSERT_TRUE(task.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "address", "add", "10.9.0.6/32", "dev", "eth0"});
    return {};
  }));
  EXPECT_EQ(Connect(task, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(task, "192.0.2.1", 8080, "10.9.0.6"), Reach::kSilence);
}

TEST_F(BandwidthTest, ATaskThatRulesItsNamespaceKeepsItsLimit) {
  const Netns task = StartLimited("one", 5, {.egress = RateLimit{.bitsPerSecond = kRate}});
  ASSERT_TRUE(task.Run([]() -> Result<void> {
    EXPECT_THAT(Output({"/usr/sbin/tc", "qdisc", "show", "dev", "eth0"}), Not(HasSubstr("tbf")));
    Output({"/usr/sbin/tc", "qdisc", "replace", "dev", "eth0", "root", "pfifo", "limit", "1000"});
    return {};
  }));
  ExpectRate(Measure(task, outside_, "192.0.2.2"));
}

TEST_F(BandwidthTest, DetachingLeavesNothing) {
  const std::string before = Links();
  {
    const Netns task = StartLimited("one", 5,
                                    {.egress = RateLimit{.bitsPerSecond = kRate},
                                     .ingress = RateLimit{.bitsPerSecond = kRate}});
    EXPECT_THAT(Links(), HasSubstr(LimiterOf("one")));
    ASSERT_TRUE(Detach("one", LinkEnd::kDeleteNow, lock_));
  }
  EXPECT_EQ(Links(), before);
}

TEST_F(BandwidthTest, OneWhoseTaskHasDiedIsTakenAwayToo) {
  const std::string before = Links();
  {
    const Netns task = StartLimited("one", 5, {.egress = RateLimit{.bitsPerSecond = kRate}});
    Output({"/usr/sbin/ip", "link", "del", HostInterfaceName("one")});
  }
  EXPECT_THAT(Links(), HasSubstr(LimiterOf("one")));
  ASSERT_TRUE(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(Links(), before);
}

TEST_F(BandwidthTest, SweepsFindWhatHasNoOwner) {
  const Netns one = StartLimited("one", 5, {.egress = RateLimit{.bitsPerSecond = kRate}});
  const Netns two = StartLimited("two", 6, {.egress = RateLimit{.bitsPerSecond = kRate}});
  const auto swept = SweepExcept({"two"}, lock_);
  ASSERT_TRUE(swept) << swept.error().message();
  EXPECT_THAT(swept->interfaces,
              testing::UnorderedElementsAre(HostInterfaceName("one"), LimiterOf("one")));
  EXPECT_THAT(Links(), HasSubstr(LimiterOf("two")));
}

TEST_F(BandwidthTest, ImpossibleLimitsAreRefusedBeforeAnythingIsMade) {
  const std::string before = Links();
  Attachment plan = Plan("one", 5);
  plan.bandwidth.egress = RateLimit{.bitsPerSecond = 0};
  EXPECT_FALSE(Attach(plan, outside_, lock_));
  plan.bandwidth.egress = RateLimit{.bitsPerSecond = kRate, .burst = 1};
  EXPECT_FALSE(Attach(plan, outside_, lock_));
  EXPECT_EQ(Links(), before);
}

}  // namespace
}  // namespace berth::net
