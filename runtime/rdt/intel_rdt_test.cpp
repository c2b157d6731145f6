#include "runtime/rdt/intel_rdt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/rdt/schemata.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

// A directory with groups in it, as the kernel makes them: its files appear with each directory.
class IntelRdtTest : public testing::Test {
 protected:
  void SetUp() override {
    resctrl_ = ::mkdtemp(pattern_.data());
    Group("");
    Group("/gold", "    MB:0=0100;1=  20\n    L3:0=007f0;1=1f\n");
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(resctrl_)); }

  void Group(const std::string& name, const std::string& schemata = "") {
    const std::string path = resctrl_ + name;
    ASSERT_TRUE(sys::MakeDirectories(path, 0755));
    ASSERT_TRUE(sys::MakeDirectories(path + "/mon_groups", 0755));
    for (const char* file : {"/tasks", "/schemata"}) ASSERT_TRUE(ReplaceFile(path + file, ""));
    ASSERT_TRUE(ReplaceFile(path + "/schemata", schemata));
  }
  std::string Content(const std::string& file) { return *ReadFile(resctrl_ + file); }
  std::string Join(const IntelRdt& config) {
    const auto joined = JoinRdtGroup(resctrl_, config, "box", 42);
    return joined ? "" : joined.error().message();
  }

  std::string pattern_ = "/tmp/berth-rdt-XXXXXX";
  std::string resctrl_;
};

TEST_F(IntelRdtTest, JoinsAGroupThatIsThere) {
  EXPECT_EQ(Join({.closID = "gold"}), "");
  EXPECT_EQ(Content("/gold/tasks"), "42");
  EXPECT_EQ(Join({.closID = "/"}), "");
  EXPECT_EQ(Content("/tasks"), "42");
}

TEST_F(IntelRdtTest, NamedGroupWithoutASchemaHasToBeThere) {
  EXPECT_THAT(Join({.closID = "none"}), HasSubstr("closID: there is no group"));
  EXPECT_FALSE(Exists(resctrl_ + "/none"));
}

TEST_F(IntelRdtTest, GroupThatIsThereHasToHaveTheSchemas) {
  EXPECT_EQ(Join({.closID = "gold", .l3CacheSchema = "L3:1=1F;0=7f0", .memBwSchema = "MB:0=100"}),
            "");
  EXPECT_EQ(Join({.closID = "gold", .l3CacheSchema = "L3:0=1"}),
            "closID: the group has L3:0=7f0, not 1");
  EXPECT_EQ(Join({.closID = "gold", .memBwSchema = "MB:2=10"}), "closID: the group has no MB:2");
}

TEST_F(IntelRdtTest, WritesSchemataLast) {
  EXPECT_EQ(Join({.closID = "gold", .schemata = {"L3:0=f", "L2:0=3"}}), "");
  EXPECT_THAT(Content("/gold/schemata"), testing::StartsWith("L3:0=f\nL2:0=3\n"));
}

TEST_F(IntelRdtTest, ChangesTheSchemasOfAGroup) {
  const IntelRdt changes = {.l3CacheSchema = "L3:0=1", .memBwSchema = "MB:0=70"};
  EXPECT_TRUE(UpdateRdtGroup(resctrl_, {.closID = "gold"}, "box", changes));
  EXPECT_THAT(Content("/gold/schemata"), testing::StartsWith("L3:0=1\nMB:0=70\n"));
  EXPECT_THAT(UpdateRdtGroup(resctrl_, {}, "box", changes).error().message(),
              HasSubstr("/box: No such file"));
  EXPECT_FALSE(UpdateRdtGroup(resctrl_, {.closID = "gold"}, "box", {.memBwSchema = "L3:0=1"}));
}

TEST_F(IntelRdtTest, UndoesANewGroupThatCanNotBeUsed) {
  // This directory is no resctrl: the new group has no files.
  EXPECT_THAT(Join({.l3CacheSchema = "L3:0=f"}), HasSubstr("schemata"));
  EXPECT_FALSE(Exists(resctrl_ + "/box"));
}

TEST_F(IntelRdtTest, RemovesWhatWasTheContainersAlone) {
  ASSERT_TRUE(sys::MakeDirectories(resctrl_ + "/box", 0755));
  ASSERT_TRUE(sys::MakeDirectories(resctrl_ + "/gold/mon_groups/box", 0755));
  EXPECT_TRUE(RemoveRdtGroup(resctrl_, {.closID = "gold"}, "box"));
  EXPECT_TRUE(Exists(resctrl_ + "/gold/mon_groups/box"));
  EXPECT_TRUE(RemoveRdtGroup(resctrl_, {.closID = "gold", .enableMonitoring = true}, "box"));
  EXPECT_FALSE(Exists(resctrl_ + "/gold/mon_groups/box"));
  EXPECT_TRUE(Exists(resctrl_ + "/box"));
  EXPECT_TRUE(RemoveRdtGroup(resctrl_, {}, "box"));
  EXPECT_FALSE(Exists(resctrl_ + "/box"));
  EXPECT_TRUE(RemoveRdtGroup(resctrl_, {}, "box"));
}

TEST(IntelRdt, FindsTheMount) {
  EXPECT_EQ(*FindResctrl("36 35 0:30 / /sys/fs/resctrl rw shared:9 - resctrl resctrl rw\n"),
            "/sys/fs/resctrl");
  EXPECT_EQ(*FindResctrl("36 35 0:30 / /mnt/a\\040b rw - resctrl resctrl rw\n"), "/mnt/a b");
  EXPECT_THAT(FindResctrl("36 35 0:30 / /resctrl rw - tmpfs resctrl rw\n").error().message(),
              HasSubstr("no resctrl file system is mounted on this host"));
}

}  // namespace
}  // namespace berth::runtime
