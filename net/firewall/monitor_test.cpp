#include "net/firewall/monitor.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr const char* kNft = "/usr/sbin/nft";

/// Echoes on connections that stay open.
class Listener {
 public:
  Listener(const Netns& where, uint16_t port) : port_(htons(port)) {
    socket_ = *where.Run([]() -> Result<UniqueFd> {
      return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    });
    const sockaddr_in any{.sin_family = AF_INET, .sin_port = port_};
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    EXPECT_EQ(::listen(socket_.get(), 4), 0);
    echo_ = std::jthread([this](const std::stop_token& stop) { Echo(stop); });
  }

  /// An open connection from that namespace.
  UniqueFd Connect(const Netns& from, const char* address) const {
    UniqueFd fd =
        *from.Run([]() -> Result<UniqueFd> { return UniqueFd(::socket(AF_INET, SOCK_STREAM, 0)); });
    sockaddr_in to{.sin_family = AF_INET, .sin_port = port_};
    ::inet_pton(AF_INET, address, &to.sin_addr);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return fd;
  }
  /// Whether what is sent comes back within a third of a second.
  static bool Echoes(const UniqueFd& connection) {
    char byte = 'x';
    pollfd wait{.fd = connection.get(), .events = POLLIN};
    return ::send(connection.get(), &byte, 1, 0) == 1 && ::poll(&wait, 1, 300) == 1 &&
           ::recv(connection.get(), &byte, 1, 0) == 1;
  }

 private:
  void Echo(const std::stop_token& stop) const {
    std::vector<UniqueFd> peers;
    while (!stop.stop_requested()) {
      std::vector<pollfd> waits = {{.fd = socket_.get(), .events = POLLIN}};
      for (const UniqueFd& peer : peers) waits.push_back({.fd = peer.get(), .events = POLLIN});
      ::poll(waits.data(), waits.size(), 50);
      for (size_t i = 1; i < waits.size(); ++i) {
        char byte;
        if (::recv(waits[i].fd, &byte, 1, MSG_DONTWAIT) == 1) ::send(waits[i].fd, &byte, 1, 0);
      }
      if (UniqueFd peer(::accept(socket_.get(), nullptr, nullptr)); peer) {
        peers.push_back(std::move(peer));
      }
    }
  }

  uint16_t port_;
  UniqueFd socket_;
  std::jthread echo_;
};

class FirewallMonitorTest : public TestHost {
 protected:
  void SetUp() override {
    TestHost::SetUp();
    if (!host_) return;
    auto opened = FirewallMonitor::Open();
    ASSERT_TRUE(opened) << opened.error().message();
    monitor_.emplace(*std::move(opened));
  }

  bool Hears(int milliseconds) const {
    pollfd wait{.fd = monitor_->fd(), .events = POLLIN};
    return ::poll(&wait, 1, milliseconds) == 1;
  }
  std::optional<Intrusion> Take() {
    auto taken = monitor_->Take();
    EXPECT_TRUE(taken) << taken.error().message();
    return taken ? *std::move(taken) : std::nullopt;
  }
  /// What the agent does when it hears something: the words for what was missing, and who it was.
  std::vector<std::string> Answer() {
    EXPECT_TRUE(Hears(1000));
    const auto intrusion = Take();
    if (!intrusion) return {"nobody was heard"};
    by_ = intrusion->by;
    const auto restored = RestoreFirewall(lock_, intrusion->generation);
    EXPECT_TRUE(restored) << restored.error().message();
    if (!restored || !*restored) return {"nothing was restored"};
    return (*restored)->missing;
  }

  std::optional<FirewallMonitor> monitor_;
  std::string by_;
};

TEST_F(FirewallMonitorTest, TakesNoOffenceAtOurOwnChangesOrAtOtherTables) {
  {
    const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
    const Netns two = Start(Plan("bb22", 6));
    ASSERT_TRUE(Detach("aa11", LinkEnd::kDeleteNow, lock_));
    ASSERT_TRUE(Detach("bb22", LinkEnd::kDeleteNow, lock_));
  }
  EXPECT_TRUE(Hears(0));
  EXPECT_FALSE(Take());
  Output({kNft, "add", "table", "inet", "foreign"});
  Output({kNft, "add", "table", "ip", "berth"});
  EXPECT_FALSE(Take());
  EXPECT_FALSE(Hears(0)) << "nothing is left to read, so a loop comes to rest";
}

TEST_F(FirewallMonitorTest, BringsBackWhatWasFlushedAndSaysWhoDidIt) {
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
  const Netns two = Start(Plan("bb22", 6));
  Take();
  const std::string before = DumpHost();
  Output({kNft, "flush", "ruleset"});
  EXPECT_THAT(Answer(), ElementsAre("the whole table"));
  EXPECT_THAT(by_, testing::MatchesRegex("nft \\(pid [0-9]+\\)"));
  EXPECT_EQ(DumpHost(), before);
  EXPECT_FALSE(Take()) << "what we wrote ourselves is no intrusion";
}

TEST_F(FirewallMonitorTest, NoticesTheLossOfASingleThing) {
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
  Take();
  const std::string before = DumpHost();
  Output({kNft, "delete", "element", "inet", "berth", "ingress", "{ 10.9.0.5 }"});
  EXPECT_THAT(Answer(), ElementsAre("10.9.0.5 of ingress"));
  Output({kNft, "delete", "element", "inet", "berth", "ports", "{ tcp . 8080 }"});
  EXPECT_THAT(Answer(), ElementsAre("host port 8080/tcp of ports"));
  Output({kNft, "flush", "chain", "inet", "berth", "source_check"});
  EXPECT_THAT(Answer(), Contains(HasSubstr("rules of source_check")));
  Output({kNft, "insert", "rule", "inet", "berth", "to_task_new", "accept"});
  EXPECT_THAT(Answer(), ElementsAre("1 rules too many in to_task_new"));
  Output({kNft, "add", "element", "inet", "berth", "sg-default.members", "{ 10.9.0.77 }"});
  EXPECT_THAT(Answer(), ElementsAre(HasSubstr("a stranger")));
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(FirewallMonitorTest, ARuleThatWasReplacedByAnotherIsPutRight) {
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}));
  Take();
  const std::string before = DumpHost();
  Output({"/bin/sh", "-c",
          "nft -f - <<E\nflush chain inet berth sg-default.ingress\n"
          "add rule inet berth sg-default.ingress ip protocol tcp accept\n"
          "add rule inet berth sg-default.ingress accept\nE"});
  EXPECT_THAT(Answer(), ElementsAre()) << "nothing is missing by number";
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(FirewallMonitorTest, AGroupThatHasChangedSinceComesBackAsItIsNow) {
  const SecurityGroup web = {.id = "sg-web", .ingress = {{.peer = Ipv4Cidr()}}};
  const Netns one = Start(Plan("bb22", 5, {{.id = "sg-web"}}));
  const Netns two = Start(Plan("aa11", 6, {web}));  // earlier by name, later by time
  Take();
  const std::string before = DumpHost();
  Output({kNft, "flush", "ruleset"});
  Answer();
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(FirewallMonitorTest, TheSecondToHearOfItLeavesItAlone) {
  const Netns one = Start(Plan("aa11", 5));
  auto second = FirewallMonitor::Open();
  ASSERT_TRUE(second);
  Output({kNft, "flush", "ruleset"});
  EXPECT_THAT(Answer(), ElementsAre("the whole table"));
  const auto heard = second->Take();
  ASSERT_TRUE(heard && *heard);
  const auto restored = RestoreFirewall(lock_, (*heard)->generation);
  ASSERT_TRUE(restored);
  EXPECT_FALSE(*restored);
}

TEST_F(FirewallMonitorTest, FiftyFlushesInARowAreEachMendedWithinATenthOfASecond) {
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
  Take();
  const std::string before = DumpHost();
  Clock::duration longest{};
  for (int round = 0; round < 50; ++round) {
    Output({kNft, "flush", "ruleset"});
    const auto flushed = Clock::now();
    EXPECT_THAT(Answer(), ElementsAre("the whole table"));
    longest = std::max(longest, Clock::now() - flushed);
  }
  EXPECT_LT(longest, std::chrono::milliseconds(100));
  RecordProperty("longest_us", static_cast<int>(longest / std::chrono::microseconds(1)));
  EXPECT_EQ(DumpHost(), before);
  EXPECT_FALSE(Take());
}

TEST_F(FirewallMonitorTest, FlowsAreFilteredAfterARestoration) {
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}));
  const Netns two = Start(Plan("bb22", 6));
  Server server(one, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kSilence);
  Take();
  Output({kNft, "flush", "ruleset"});
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kConnected) << "nothing guards it now";
  Answer();
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kSilence);
}

TEST_F(FirewallMonitorTest, OpenFlowsGoOnAndThoseOfTheGapAreAsked) {
  const Netns one = Start(Plan("aa11", 5, {DefaultGroup()}));
  const Netns member = Start(Plan("bb22", 6, {DefaultGroup()}));
  const Netns stranger = Start(Plan("cc33", 7));
  Listener listener(one, 80);
  const UniqueFd before = listener.Connect(member, "10.9.0.5");
  Take();
  Output({kNft, "flush", "ruleset"});
  const UniqueFd in_between = listener.Connect(stranger, "10.9.0.5");
  Answer();
  EXPECT_TRUE(Listener::Echoes(before));
  EXPECT_FALSE(Listener::Echoes(in_between));
}

TEST_F(FirewallMonitorTest, WithoutAMonitorTheNextAttachBringsTheTableBack) {
  const Netns one = Start(Plan("aa11", 5));
  Output({kNft, "flush", "ruleset"});
  const Netns two = Start(Plan("bb22", 6));
  Server server(one, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kConnected);
  Output({kNft, "flush", "ruleset"});
  const auto restored = RestoreLostFirewall(lock_);
  ASSERT_TRUE(restored && *restored);
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kConnected);
}

TEST_F(FirewallMonitorTest, WhatWasDetachedAfterAFlushDoesNotComeBack) {
  const Netns one = Start(Plan("aa11", 5));
  const Netns two = Start(Plan("bb22", 6));
  Take();
  Output({kNft, "flush", "ruleset"});
  ASSERT_TRUE(Detach("aa11", LinkEnd::kDeleteNow, lock_));
  Answer();
  const std::string rules = Output({kNft, "list", "ruleset"});
  EXPECT_THAT(rules, Not(HasSubstr("aa11")));
  EXPECT_THAT(rules, HasSubstr("bb22"));
  ASSERT_TRUE(Detach("bb22", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(Output({kNft, "list", "ruleset"}), "");
}

TEST_F(FirewallMonitorTest, AnotherBerthsTableIsLeftAlone) {
  const Netns one = Start(Plan("aa11", 5));
  const std::string before = DumpHost();
  const std::string elsewhere = directory_ + "/elsewhere";
  const auto task = Netns::Create();
  const auto attached = Attach(Plan("bb22", 6), *task, elsewhere);
  ASSERT_FALSE(attached);
  EXPECT_THAT(attached.error().message(),
              HasSubstr("the tasks of another Berth, whose lock is " + lock_));
  EXPECT_TRUE(Detach("bb22", LinkEnd::kDeleteNow, elsewhere)) << "there is nothing of it";
  EXPECT_FALSE(SweepExcept({}, elsewhere));
  EXPECT_FALSE(RestoreFirewall(elsewhere, 0));
  EXPECT_EQ(DumpHost(), before);
}

}  // namespace
}  // namespace berth::net
