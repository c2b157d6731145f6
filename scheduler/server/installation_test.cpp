#include "scheduler/server/installation.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/files.h"
#include "scheduler/server/principals.h"
#include "scheduler/server/test_place.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class InstallationTest : public testing::Test {
 protected:
  InstallationTest() : world(store, loop.Poster()) { EXPECT_TRUE(world.Load()); }
  void Prepare(const char* json) {
    PrepareInstallation(world, *SchedulerConfig::Parse(json), WallTime());
  }
  std::string Everything() {
    world.ledger().Seal();
    std::string text;
    for (const auto& [key, entry] : store.data()) {
      if (key != "/ledger") text += key + "=" + entry.value + "\n";
    }
    return text;
  }

  FakeStore store;
  FakeLoop loop;
  World world;
};

TEST_F(InstallationTest, IsMadeOnce) {
  Prepare(R"({"account": "123456789012"})");
  const std::string first = Everything();
  EXPECT_EQ(world.identity().account, "123456789012");
  EXPECT_EQ(world.identity().seal_key.size(), 64u);
  EXPECT_THAT(world.users().all(), SizeIs(2));
  EXPECT_NE(world.groups().Find("sg-default"), nullptr);
  Prepare(R"({"account": "123456789012"})");
  EXPECT_EQ(Everything(), first);
}

TEST_F(InstallationTest, FollowsTheConfigurationOfNetworks) {
  Prepare(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.0/24"},
                          {"subnetId": "b", "cidrBlock": "10.0.1.0/24"}]})");
  SubnetRecord used = *world.subnets().Find("a");
  used.last_given = 7;
  world.PutSubnet(used);
  world.PutInterface({.id = "eni-1", .subnet_id = "b", .address = "10.0.1.5"});
  Prepare(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.0/24", "mtu": 1400}]})");
  EXPECT_EQ(world.subnets().Find("a")->mtu, 1400);
  EXPECT_EQ(world.subnets().Find("a")->last_given, 7);
  EXPECT_NE(world.subnets().Find("b"), nullptr) << "an interface has an address of it";
  world.EraseInterface("eni-1");
  Prepare(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.0/24"}]})");
  EXPECT_EQ(world.subnets().Find("b"), nullptr);
}

TEST_F(InstallationTest, WritesKeysForTheOwnerAlone) {
  Prepare("{}");
  TestPlace directory;
  const std::string place = directory / "credentials";
  ASSERT_TRUE(WriteCredentials(world, place));
  const auto agent = ReadFile(place + "/agent");
  ASSERT_TRUE(agent);
  EXPECT_THAT(*agent, HasSubstr("[default]\naws_access_key_id = AKIA"));
  struct stat status {};
  ASSERT_EQ(::stat((place + "/operator").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_TRUE(WriteFileAtomically(place + "/agent", "changed", 0600));
  ASSERT_TRUE(WriteCredentials(world, place));
  EXPECT_EQ(*ReadFile(place + "/agent"), "changed");
}

TEST_F(InstallationTest, KnowsItsPrincipals) {
  Prepare("{}");
  world.PutUser({.name = "host", .path = "/agents/rack1/", .arn = "arn"});
  world.PutAccessKey({.access_key_id = "AKIA1", .secret_access_key = "s", .user = "host"});
  world.PutAccessKey(
      {.access_key_id = "AKIA2", .secret_access_key = "s", .user = "host", .active = false});
  world.PutAccessKey({.access_key_id = "AKIA3", .secret_access_key = "s", .user = "gone"});
  const IdentitySource source = PrincipalsOf(world);
  ASSERT_TRUE(source.find_key("AKIA1"));
  EXPECT_EQ(source.find_key("AKIA1")->principal.kind, PrincipalKind::kAgent);
  EXPECT_FALSE(source.find_key("AKIA2"));
  EXPECT_FALSE(source.find_key("AKIA3"));
  EXPECT_FALSE(source.find_key("AKIA4"));
  world.PutRole({.name = "r", .arn = "arn:aws:iam::1:role/r"});
  const auto session =
      source.find_session({.role_arn = "arn:aws:iam::1:role/r", .session_name = "task"});
  ASSERT_TRUE(session);
  EXPECT_EQ(session->kind, PrincipalKind::kRole);
  EXPECT_THAT(session->arn, HasSubstr("assumed-role/r/task"));
  EXPECT_FALSE(source.find_session({.role_arn = "arn:aws:iam::2:role/r"}));
}

}  // namespace
}  // namespace berth::scheduler
