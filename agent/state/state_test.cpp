#include "agent/state/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth::agent {
namespace {

class StateTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/berth-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
    subnet_ = *net::MakeSubnet("subnet-a", *net::Ipv4Cidr::Parse("10.9.0.0/28"));
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }

  State Open() {
    auto state = State::Open(dir_ + "/berth.db");
    EXPECT_TRUE(state) << state.error().message();
    return std::move(*state);
  }
  Wish WishFor(const std::string& id) {
    return {.task = {.id = id, .name = "task-" + id, .created = Now()},
            .capacity = {.cpu = 2048, .memory = 1000}};
  }
  Wish WithAddress(const std::string& id) {
    Wish wish = WishFor(id);
    wish.interfaces.push_back({.attachment_id = id, .subnet = subnet_});
    return wish;
  }

  std::string dir_;
  net::Subnet subnet_;
};

TEST_F(StateTest, GivesEveryTaskAnAddressOfItsOwn) {
  State state = Open();
  const auto first = state.Admit(WithAddress("aaaa1"));
  const auto second = Open().Admit(WithAddress("aaaa2"));
  ASSERT_TRUE(first) << first.error().message();
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_NE(first->addresses[0].address, second->addresses[0].address);
  EXPECT_EQ(state.Addresses("aaaa1")->size(), 1U);
}

TEST_F(StateTest, GivesAddressesOfBothFamilies) {
  subnet_ = *net::MakeSubnet(
      "subnet-dual", {.ipv4 = subnet_.cidrBlock, .ipv6 = *net::Ipv6Cidr::Parse("fd00:9::/64")});
  State state = Open();
  ASSERT_TRUE(state.Admit(WithAddress("aaaa1")));
  ASSERT_TRUE(state.Admit(WithAddress("aaaa2")));
  const AddressRecord record = state.Addresses("aaaa2")->at(0);
  EXPECT_EQ(record.address.Format(), "10.9.0.5");
  EXPECT_EQ(record.ipv6_address->Format(), "fd00:9::5");
  EXPECT_EQ(record.Reachable().size(), 2U);
}

TEST_F(StateTest, ATaskOfIpv6AloneGetsOneForTheEndpoint) {
  subnet_ = *net::MakeSubnet("subnet-six", {.ipv6 = *net::Ipv6Cidr::Parse("fd00:9::/64")});
  State state = Open();
  const auto admission = state.Admit(WithAddress("aaaa1"));
  ASSERT_TRUE(admission) << admission.error().message();
  const AddressRecord record = state.Addresses("aaaa1")->at(0);
  EXPECT_EQ(record.subnet_id, "subnet-six");
  EXPECT_EQ(record.address.Format(), "169.254.172.4");
  ASSERT_EQ(record.Reachable().size(), 1U);
  EXPECT_EQ(record.Reachable()[0].Format(), "fd00:9::4");
}

TEST_F(StateTest, RefusesAnAddressThatAnotherTaskHas) {
  subnet_ = *net::MakeSubnet("subnet-six", {.ipv6 = *net::Ipv6Cidr::Parse("fd00:9::/64")});
  State state = Open();
  Wish wish = WithAddress("aaaa1");
  wish.interfaces[0].given_ipv6 = *net::Ipv6::Parse("fd00:9::77");
  ASSERT_TRUE(state.Admit(wish));
  Wish clash = WithAddress("bbbb1");
  clash.interfaces[0].given_ipv6 = wish.interfaces[0].given_ipv6;
  EXPECT_EQ(state.Admit(clash).error().message(),
            "RESOURCE:ENI: another task has the address fd00:9::77");
}

TEST_F(StateTest, ReadsWhatAnOlderBerthHasWritten) {
  {
    auto old = Database::Open(dir_ + "/berth.db");
    ASSERT_TRUE(old) << old.error().message();
    ASSERT_TRUE(old->Execute(R"sql(
CREATE TABLE tasks (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, phase INTEGER NOT NULL,
  owner_pid INTEGER NOT NULL, owner_start INTEGER NOT NULL, definition TEXT NOT NULL,
  cpu INTEGER NOT NULL, memory INTEGER NOT NULL, stop_reason TEXT NOT NULL,
  created INTEGER NOT NULL) STRICT;
CREATE TABLE addresses (subnet TEXT NOT NULL, address INTEGER NOT NULL, task TEXT,
  attachment TEXT NOT NULL, released INTEGER, PRIMARY KEY (subnet, address)) STRICT;
CREATE TABLE cursors (subnet TEXT PRIMARY KEY, last_given INTEGER NOT NULL) STRICT;
CREATE TABLE ports (protocol INTEGER NOT NULL, host_port INTEGER NOT NULL, task TEXT NOT NULL,
  container TEXT NOT NULL, container_port INTEGER NOT NULL,
  PRIMARY KEY (protocol, host_port)) STRICT;
INSERT INTO tasks VALUES ('aaaa1', 'old', 1, 1, 1, '{}', 0, 0, '', 0);
INSERT INTO addresses VALUES ('subnet-a', 168361988, 'aaaa1', 'aaaa1', NULL);
INSERT INTO cursors VALUES ('subnet-a', 168361988);
PRAGMA user_version = 1;
)sql"));
  }
  State state = Open();
  EXPECT_EQ(state.Find("old")->id, "aaaa1");
  EXPECT_EQ(state.Addresses("aaaa1")->at(0).address.Format(), "10.9.0.4");
  EXPECT_EQ(state.Admit(WithAddress("bbbb1"))->addresses[0].address.Format(), "10.9.0.5")
      << "the search goes on where it was";
  EXPECT_EQ(Open().Tasks()->size(), 2U);
}

TEST_F(StateTest, RefusesWhatALaterBerthHasWritten) {
  { ASSERT_TRUE(Database::Open(dir_ + "/berth.db")->Execute("PRAGMA user_version = 99")); }
  EXPECT_EQ(State::Open(dir_ + "/berth.db").error().message(),
            dir_ + "/berth.db: was written by a later version of Berth (schema 99)");
}

TEST_F(StateTest, AReleasedAddressCoolsDown) {
  State state = Open();
  // A /28 has 11 addresses to give.
  for (int i = 0; i < 11; ++i) {
    const std::string id = fmt::format("task{}", i);
    ASSERT_TRUE(state.Admit(WithAddress(id))) << i;
    ASSERT_TRUE(state.SetEnded(id, ""));
  }
  EXPECT_FALSE(state.Admit(WithAddress("early")));
  Wish later = WithAddress("later");
  later.task.created += std::chrono::seconds(60);
  EXPECT_TRUE(state.Admit(later));
}

TEST_F(StateTest, ARefusedTaskLeavesNothing) {
  State state = Open();
  Wish wish = WithAddress("aaaa1");
  wish.ports = {{.container = "web", .host_port = 18080, .container_port = 80}};
  ASSERT_TRUE(state.Admit(wish));
  Wish clash = WithAddress("bbbb1");
  clash.ports = wish.ports;
  EXPECT_EQ(state.Admit(clash).error().message(),
            "RESOURCE:PORTS: tcp port 18080 is taken by task task-aaaa1");
  EXPECT_EQ(state.Tasks()->size(), 1U);
  EXPECT_THAT(*state.Addresses("bbbb1"), testing::IsEmpty());
}

TEST_F(StateTest, ADynamicPortNeverTakesOneThatIsNamed) {
  State state = Open();
  Wish wish = WishFor("aaaa1");
  wish.dynamic_ports = {.first = 41000, .last = 41001};
  wish.ports = {{.container = "a", .host_port = 0, .container_port = 1},
                {.container = "b", .host_port = 41000, .container_port = 2}};
  const auto admission = state.Admit(wish);
  ASSERT_TRUE(admission) << admission.error().message();
  EXPECT_EQ(admission->ports[0].host_port, 41000);
  EXPECT_EQ(admission->ports[1].host_port, 41001);
}

TEST_F(StateTest, ARangeGetsPortsInARow) {
  State state = Open();
  Wish wish = WishFor("aaaa1");
  wish.dynamic_ports = {.first = 41000, .last = 41003};
  wish.ports = {{.container = "a", .container_port = 8000, .count = 3},
                {.container = "b", .host_port = 41003, .container_port = 1}};
  const auto admission = state.Admit(wish);
  ASSERT_TRUE(admission) << admission.error().message();
  const auto ports = *state.Ports("aaaa1");
  ASSERT_EQ(ports.size(), 4U);
  for (uint16_t i = 0; i < 3; ++i) {
    EXPECT_EQ(ports[i].container_port, 8000 + i);
    EXPECT_EQ(ports[i].host_port, 41000 + i);
    EXPECT_EQ(ports[i].count, 1U);
  }
  ASSERT_TRUE(state.SetEnded("aaaa1", ""));
  Wish wider = WishFor("bbbb1");
  wider.dynamic_ports = wish.dynamic_ports;
  wider.ports = {{.container = "a", .container_port = 8000, .count = 5}};
  EXPECT_FALSE(state.Admit(wider));
  EXPECT_EQ(state.Tasks()->size(), 1U);
}

TEST_F(StateTest, RefusesMoreThanTheHostHas) {
  State state = Open();
  Wish wish = WishFor("aaaa1");
  wish.task.memory = 600;
  ASSERT_TRUE(state.Admit(wish));
  Wish more = WishFor("bbbb1");
  more.task.memory = 600;
  EXPECT_EQ(state.Admit(more).error().message(),
            "RESOURCE:MEMORY: the task reserves 600 MiB, the host has 1000 and 600 of them are "
            "reserved by other tasks");
  ASSERT_TRUE(state.SetEnded("aaaa1", ""));
  EXPECT_TRUE(state.Admit(more));
}

TEST_F(StateTest, FindsByNameIdAndStartOfId) {
  State state = Open();
  ASSERT_TRUE(state.Admit(WishFor("abcd1234")));
  ASSERT_TRUE(state.Admit(WishFor("abcd5678")));
  EXPECT_EQ(state.Find("task-abcd1234")->id, "abcd1234");
  EXPECT_EQ(state.Find("abcd1")->id, "abcd1234");
  EXPECT_EQ(state.Find("abcd").error().message(),
            "abcd is the start of 2 task ids; give more of it");
  EXPECT_EQ(state.Find("abc").error().message(),
            "no task named abc; berth ps --all shows which there are");
}

TEST_F(StateTest, RefusesANameThatIsTaken) {
  State state = Open();
  ASSERT_TRUE(state.Admit(WishFor("aaaa1")));
  Wish same = WishFor("bbbb1");
  same.task.name = "task-aaaa1";
  EXPECT_TRUE(state.Admit(same).error().message().starts_with(
      "there is a task named task-aaaa1 already (aaaa1)"));
}

TEST_F(StateTest, DoesWorkForNoTasksOnlyWithoutAny) {
  State state = Open();
  int done = 0;
  const auto work = [&]() -> Result<void> { return ++done, Result<void>(); };
  ASSERT_TRUE(state.IfNoTasks(work));
  ASSERT_TRUE(state.Admit(WishFor("aaaa1")));
  ASSERT_TRUE(state.IfNoTasks(work));
  EXPECT_EQ(done, 1);
}

TEST_F(StateTest, ErrorsNameTheFile) {
  ASSERT_TRUE(WriteFileAtomically(dir_ + "/berth.db", std::string(8192, 'x')));
  const auto state = State::Open(dir_ + "/berth.db");
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().message(), dir_ + "/berth.db: file is not a database");
}

TEST_F(StateTest, EndingTwiceKeepsTheFirstReason) {
  State state = Open();
  ASSERT_TRUE(state.Admit(WishFor("aaaa1")));
  ASSERT_TRUE(state.SetEnded("aaaa1", "first"));
  ASSERT_TRUE(state.SetEnded("aaaa1", "second"));
  EXPECT_EQ(state.Find("aaaa1")->stop_reason, "first");
}

}  // namespace
}  // namespace berth::agent
