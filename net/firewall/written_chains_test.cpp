#include "net/firewall/written_chains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/files.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;

/// Lets in what comes to one port.
SecurityGroup Web(uint16_t port) {
  return {
      .id = "sg-web",
      .ingress = {{.protocol = IPPROTO_TCP, .ports = PortRange{port, port}, .peer = Ipv4Cidr()}},
      .egress = {}};
}

std::string Rules() {
  return Output({"/usr/sbin/nft", "list", "chain", "inet", "berth", "sg-web.ingress"});
}

class WrittenChainsTest : public TestHost {
 protected:
  std::string Path() const { return lock_ + ".d/.written"; }
};

TEST_F(WrittenChainsTest, KnowsWhatWasNotedAndNothingElse) {
  const Netns task = Start(Plan("aa11", 5));  // so that there is a directory
  const WrittenChains written(lock_);
  const ChainPart one = {.name = "sg-a", .messages = {{.type = 1, .body = "x"}}};
  const ChainPart changed = {.name = "sg-a", .messages = {{.type = 1, .body = "y"}}};
  const ChainPart two = {.name = "sg-b", .messages = {{.type = 1, .body = "x"}}};
  EXPECT_EQ(written.Missing({one, two}).size(), 2U);
  Expect(written.Note({one}));
  ASSERT_EQ(written.Missing({one, two}).size(), 1U);
  EXPECT_EQ(written.Missing({one, two}).front().name, "sg-b");
  EXPECT_EQ(written.Missing({changed}).size(), 1U);
  Expect(written.Note({changed, two}));
  EXPECT_EQ(written.Missing({one, two}).size(), 1U);
  Expect(written.Forget());
  EXPECT_EQ(written.Missing({changed, two}).size(), 2U);
}

TEST_F(WrittenChainsTest, TheLatestRulesOfAGroupAreInForce) {
  const Netns one = Start(Plan("aa11", 5, {Web(80)}));
  const Netns two = Start(Plan("bb22", 6, {Web(81)}));
  EXPECT_THAT(Rules(), HasSubstr("tcp dport 81"));
  const Netns three = Start(Plan("cc33", 7, {Web(80)}));
  EXPECT_THAT(Rules(), HasSubstr("tcp dport 80"));
}

TEST_F(WrittenChainsTest, ATableThatWasDeletedIsWrittenAnew) {
  const Netns one = Start(Plan("aa11", 5, {Web(80)}));
  Output({"/usr/sbin/nft", "delete", "table", "inet", "berth"});
  const Netns two = Start(Plan("bb22", 6, {Web(80)}));
  EXPECT_THAT(Rules(), HasSubstr("tcp dport 80"));
}

TEST_F(WrittenChainsTest, ChainsThatAreTakenToBeThereAreWrittenAfterAll) {
  const Netns other = Start(Plan("bb22", 6));
  {
    const Netns one = Start(Plan("aa11", 5, {Web(80)}));
    const std::string written = *ReadFile(Path());
    Expect(Detach("aa11", LinkEnd::kDeleteNow, lock_));
    Expect(ReplaceFile(Path(), written, 0600));
  }
  const Netns again = Start(Plan("aa11", 5, {Web(80)}));
  EXPECT_THAT(Rules(), HasSubstr("tcp dport 80"));
}

}  // namespace
}  // namespace berth::net
