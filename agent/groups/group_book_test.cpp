#include "agent/groups/group_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/network/group_rules.h"
#include "base/sys.h"

namespace berth::agent {
namespace {

using testing::HasSubstr;

class GroupBookTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/berth-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
    auto state = State::Open(dir_ + "/berth.db");
    ASSERT_TRUE(state) << state.error().message();
    state_.emplace(std::move(*state));
    auto config =
        Config::Parse(R"({"securityGroups": [{"GroupId": "sg-web", "GroupName": "web"}]})");
    ASSERT_TRUE(config) << config.error().message();
    config_ = *config;
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }

  GroupRecord Record(const std::string& id, GroupOrigin origin, const std::string& name = "") {
    return {.id = id,
            .origin = origin,
            .document = ecs::DumpSecurityGroup({.GroupId = id, .GroupName = name})};
  }
  Wish InGroup(const std::string& task, const GroupRecord& group) {
    Wish wish = {.task = {.id = task, .name = "task-" + task, .created = Now()}};
    wish.interfaces = {
        {.attachment_id = task,
         .subnet = *net::MakeSubnet("subnet-a", *net::Ipv4Cidr::Parse("10.9.0.0/28")),
         .groups = {group}}};
    return wish;
  }
  GroupBook Book() { return {config_, *state_}; }

  std::string dir_;
  Config config_;
  std::optional<State> state_;
};

TEST_F(GroupBookTest, TheDefaultGroupIsAsTheFirewallHasIt) {
  const auto rules = Book().Rules("sg-default");
  ASSERT_TRUE(rules) << rules.error().message();
  EXPECT_EQ(rules->egress.size(), net::DefaultGroup().egress.size());
  EXPECT_EQ(std::get<net::GroupReference>(rules->ingress.at(0).peer).groupId, "sg-default");
}

TEST_F(GroupBookTest, FindsGroupsByIdAndByName) {
  ASSERT_TRUE(state_->PutGroup(Record("sg-app", GroupOrigin::kOperator, "app")));
  EXPECT_EQ(Book().Find("app")->group.GroupId, "sg-app");
  EXPECT_EQ(Book().Find("sg-web")->origin, GroupOrigin::kConfiguration);
  EXPECT_EQ(Book().Find("sg-x").error().message(),
            "InvalidGroup.NotFound: security group sg-x is not known on this host; there are: "
            "sg-app, sg-default, sg-web");
  EXPECT_FALSE(Book().Rules("app")) << "tasks name ids alone";
}

TEST_F(GroupBookTest, KeepsASchedulersGroupWhileATaskIsInIt) {
  const GroupRecord group = Record("sg-web", GroupOrigin::kScheduler, "of the scheduler");
  ASSERT_TRUE(state_->Admit(InGroup("aaaa1", group)));
  EXPECT_EQ(Book().Find("sg-web")->origin, GroupOrigin::kScheduler);
  EXPECT_EQ(state_->Memberships()->at(0).task_name, "task-aaaa1");
  ASSERT_TRUE(state_->SetEnded("aaaa1", ""));
  EXPECT_EQ(Book().Find("sg-web")->origin, GroupOrigin::kConfiguration);
  EXPECT_TRUE(state_->Memberships()->empty());
}

TEST_F(GroupBookTest, ASchedulersGroupDoesNotTakeTheOperators) {
  ASSERT_TRUE(state_->PutGroup(Record("sg-app", GroupOrigin::kOperator)));
  const auto admitted = state_->Admit(InGroup("aaaa1", Record("sg-app", GroupOrigin::kScheduler)));
  ASSERT_FALSE(admitted);
  EXPECT_THAT(admitted.error().message(), HasSubstr("sg-app"));
  EXPECT_TRUE(state_->Tasks()->empty());
}

}  // namespace
}  // namespace berth::agent
