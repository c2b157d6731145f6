// What is refused, and what is kept. What the firewall makes of changes:
// net/firewall/change_test.cpp and tests/integration/test_network_groups.py.
#include "agent/groups/group_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/groups/group_book.h"
#include "base/sys.h"

namespace berth::agent {
namespace {

using testing::HasSubstr;

class GroupChangesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/berth-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
    auto state = State::Open(dir_ + "/berth.db");
    ASSERT_TRUE(state) << state.error().message();
    auto config =
        Config::Parse(R"({"securityGroups": [{"GroupId": "sg-web", "GroupName": "web"}]})");
    ASSERT_TRUE(config) << config.error().message();
    paths_ = {.root = dir_, .run = dir_, .config = "berth.json"};
    config_ = *std::move(config);
    state_.emplace(std::move(*state));
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }

  GroupSite Site() { return {paths_, config_, *state_}; }
  std::string RefusalOfChange(std::string_view group) {
    const auto changed = ChangeGroup(
        Site(), {.group = group, .edit = [](ecs::SecurityGroup&) { return Result<void>(); }});
    return changed ? "no error" : changed.error().message();
  }

  std::string dir_;
  Paths paths_;
  Config config_;
  std::optional<State> state_;
};

TEST_F(GroupChangesTest, GroupsOfOthersAreRefused) {
  EXPECT_THAT(RefusalOfChange("web"), HasSubstr("it is of this host's configuration (berth.json)"));
  EXPECT_THAT(RefusalOfChange("sg-default"), HasSubstr("built in"));
  ASSERT_TRUE(state_->PutGroup(
      {.id = "sg-far", .origin = GroupOrigin::kScheduler, .document = R"({"GroupId":"sg-far"})"}));
  EXPECT_THAT(RefusalOfChange("sg-far"), HasSubstr("it is the scheduler's"));
  EXPECT_FALSE(DeleteGroup(Site(), "sg-far"));
}

TEST_F(GroupChangesTest, AnEditThatFailsChangesNothing) {
  ASSERT_TRUE(CreateGroup(Site(), {.GroupId = "sg-app", .GroupName = "app"}));
  const auto changed =
      ChangeGroup(Site(), {.group = "app", .edit = [](ecs::SecurityGroup& group) -> Result<void> {
                             group.Description = "changed";
                             return MakeError("no");
                           }});
  EXPECT_FALSE(changed);
  EXPECT_EQ(GroupBook(config_, *state_).Find("app")->group.Description, "");
}

TEST_F(GroupChangesTest, IdsAndNamesAreGivenOnce) {
  ASSERT_TRUE(CreateGroup(Site(), {.GroupId = "sg-app", .GroupName = "app"}));
  EXPECT_THAT(CreateGroup(Site(), {.GroupId = "sg-2", .GroupName = "app"}).error().message(),
              HasSubstr("InvalidGroup.Duplicate: there is a security group app already"));
  EXPECT_FALSE(CreateGroup(Site(), {.GroupId = "sg-web", .GroupName = "other"}));
  EXPECT_FALSE(CreateGroup(Site(), {.GroupId = "no id!", .GroupName = "bad"}));
}

TEST_F(GroupChangesTest, AGroupInUseIsNotDeleted) {
  ASSERT_TRUE(CreateGroup(Site(), {.GroupId = "sg-app", .GroupName = "app"}));
  ASSERT_TRUE(CreateGroup(
      Site(),
      {.GroupId = "sg-db",
       .GroupName = "db",
       .IpPermissions = {{.IpProtocol = "-1", .UserIdGroupPairs = {{.GroupId = "sg-app"}}}}}));
  EXPECT_EQ(DeleteGroup(Site(), "app").error().message(),
            "DependencyViolation: security group sg-app is in use by a rule of sg-db");
  Wish wish = {.task = {.id = "aaaa1", .name = "worker", .created = Now()}};
  wish.interfaces = {{.attachment_id = "aaaa1",
                      .subnet = *net::MakeSubnet("subnet-a", *net::Ipv4Cidr::Parse("10.9.0.0/28")),
                      .groups = {{.id = "sg-db", .origin = GroupOrigin::kConfiguration}}}};
  ASSERT_TRUE(state_->Admit(wish));
  EXPECT_THAT(DeleteGroup(Site(), "db").error().message(), HasSubstr("task worker"));
  ASSERT_TRUE(state_->SetEnded("aaaa1", ""));
  EXPECT_TRUE(DeleteGroup(Site(), "db"));
  EXPECT_TRUE(DeleteGroup(Site(), "app"));
}

}  // namespace
}  // namespace berth::agent
