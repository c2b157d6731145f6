#include "agent/names/unbound.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/names/task_names.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/netns.h"
#include "net/resolver_endpoint.h"

namespace berth::agent::names {
namespace {

using testing::HasSubstr;

constexpr int kNoSuchName = 3;

/// What an answer says: its code, and the address if there is one.
struct Answer {
  int code = -1;
  std::string address;
  bool operator==(const Answer&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << answer.code << " " << answer.address;
}

Answer AskForAddress(const std::string& name) {
  std::string question("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  for (const std::string& label : Split(name, '.')) {
    question += static_cast<char>(label.size()) + label;
  }
  question += std::string("\x00\x00\x01\x00\x01", 5);
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const timeval patience = {.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in to = {.sin_family = AF_INET,
                    .sin_port = htons(net::kResolverPort),
                    .sin_addr = {.s_addr = htonl(net::kResolverAddress.number())},
                    .sin_zero = {}};
  // Connected, so that it is told that nobody listens.
  (void)!::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to);
  (void)!::send(socket.get(), question.data(), question.size(), 0);
  char answer[512];
  const ssize_t size = ::recv(socket.get(), answer, sizeof answer, 0);
  if (size < 12) return {};
  Answer heard = {.code = answer[3] & 15};
  if (answer[7] == 0) return heard;
  char text[INET_ADDRSTRLEN];
  // One record, which has the address at its end; no EDNS was offered, and authority comes empty.
  const size_t at = question.size() + 12;
  heard.address = ::inet_ntop(AF_INET, answer + at, text, sizeof text);
  return heard;
}

class UnboundTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    if (::access("/usr/sbin/unbound", X_OK) < 0) GTEST_SKIP() << "needs unbound";
    char place[] = "/tmp/berth-unbound-XXXXXX";
    top_ = ::mkdtemp(place);
    ::chmod(top_.c_str(), 0755);
    auto netns = net::Netns::Create();
    ASSERT_TRUE(netns) << netns.error().message();
    host_ = *std::move(netns);
  }
  void TearDown() override {
    if (!top_.empty()) (void)sys::RemoveTree(top_);
  }
  Unbound::Place Place() const {
    return {.directory = top_ + "/resolver", .domain = "berth.internal"};
  }
  /// Runs on the host with the resolver's address. Failures fail the test.
  void OnHost(const std::function<Result<void>()>& work) const {
    const auto done = host_.Run([&]() -> Result<void> {
      TRY(net::OpenResolverEndpoint(top_ + "/net.lock"));
      return work();
    });
    EXPECT_TRUE(done) << done.error().message();
  }
  static std::string Zone(const NameMap& names) {
    static uint32_t serial = 0;
    return ZoneFile("berth.internal", names, ++serial);
  }

  std::string top_;
  net::Netns host_;
};

TEST_F(UnboundTest, KnowsItsZoneFromTheFirstAnswerAndTheNextOneAtOnce) {
  OnHost([&]() -> Result<void> {
    Unbound unbound = TRY(Unbound::Prepare(Place()));
    TRY(unbound.Start(Zone({{"db", {"10.0.0.1"}}}), {}));
    EXPECT_EQ(AskForAddress("db.berth.internal"), (Answer{0, "10.0.0.1"}));
    EXPECT_EQ(AskForAddress("DB.Berth.Internal"), (Answer{0, "10.0.0.1"}));
    EXPECT_EQ(AskForAddress("web.berth.internal"), (Answer{kNoSuchName, ""}));
    TRY(unbound.SetZone(Zone({{"web", {"10.0.0.2"}}})));
    EXPECT_EQ(AskForAddress("web.berth.internal"), (Answer{0, "10.0.0.2"}));
    EXPECT_EQ(AskForAddress("db.berth.internal"), (Answer{kNoSuchName, ""}));
    EXPECT_NE(AskForAddress("example.com").code, 0) << "nobody may be asked";
    TRY(unbound.Check());
    unbound.End();
    EXPECT_FALSE(unbound.Runs());
    unbound.Clear();
    EXPECT_TRUE(TRY(ListDirectory(Place().directory)).empty());
    return {};
  });
}

TEST_F(UnboundTest, TheOneThatAKilledAgentLeftIsEnded) {
  OnHost([&]() -> Result<void> {
    Unbound left = TRY(Unbound::Prepare(Place()));
    TRY(left.Start(Zone({{"db", {"10.0.0.1"}}}), {}));
    Unbound next = TRY(Unbound::Prepare(Place()));
    EXPECT_EQ(AskForAddress("db.berth.internal").code, -1) << "it still answers";
    TRY(next.Start(Zone({{"db", {"10.0.0.2"}}}), {}));
    EXPECT_EQ(AskForAddress("db.berth.internal"), (Answer{0, "10.0.0.2"}));
    left.End();
    next.End();
    return {};
  });
}

TEST_F(UnboundTest, ADomainOfABuiltInZoneIsKnownToo) {
  Unbound::Place place = Place();
  place.domain = "lab.test";
  OnHost([&]() -> Result<void> {
    Unbound unbound = TRY(Unbound::Prepare(place));
    TRY(unbound.Start(ZoneFile("lab.test", {{"db", {"10.0.0.1"}}}, 1), {"127.0.0.1"}));
    EXPECT_EQ(AskForAddress("db.lab.test"), (Answer{0, "10.0.0.1"}));
    unbound.End();
    return {};
  });
}

TEST_F(UnboundTest, ThatItCannotStartIsSaid) {
  const auto done = host_.Run([&]() -> Result<void> {
    Unbound unbound = TRY(Unbound::Prepare(Place()));
    return unbound.Start(Zone({}), {"10.0.0.1"});  // its address is not there
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "start unbound: it has ended at once");
}

TEST_F(UnboundTest, ADirectoryThatOthersMayWriteToIsRefused) {
  ASSERT_TRUE(sys::MakeDirectories(Place().directory, 0755));
  (void)!::chown(Place().directory.c_str(), 1000, 1000);
  auto prepared = Unbound::Prepare(Place());
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error().message(), HasSubstr("is not root's alone"));
  (void)!::chown(Place().directory.c_str(), 0, 0);
  ::chmod(Place().directory.c_str(), 0777);
  EXPECT_FALSE(Unbound::Prepare(Place()));
}

TEST_F(UnboundTest, ALinkInThePlaceOfTheDirectoryIsRefused) {
  ASSERT_TRUE(sys::MakeDirectories(top_ + "/elsewhere", 0755));
  ASSERT_TRUE(WriteNewFile(top_ + "/elsewhere/canary", "alive"));
  ASSERT_EQ(::symlink((top_ + "/elsewhere").c_str(), Place().directory.c_str()), 0);
  EXPECT_FALSE(Unbound::Prepare(Place()));
  EXPECT_TRUE(Exists(top_ + "/elsewhere/canary"));
}

TEST_F(UnboundTest, WithoutTheProgramItSaysWhichIsMissing) {
  Unbound::Place place = Place();
  place.program = "/usr/sbin/no-such-unbound";
  const auto prepared = Unbound::Prepare(place);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().message(), "/usr/sbin/no-such-unbound: No such file or directory");
}

}  // namespace
}  // namespace berth::agent::names
