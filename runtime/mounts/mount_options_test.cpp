#include "runtime/mounts/mount_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

namespace berth::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

MountOptions Parse(const std::string& type, const std::vector<std::string>& options) {
  const auto parsed = ParseMountOptions(
      {.destination = "/x", .type = type, .source = "/source", .options = options});
  EXPECT_TRUE(parsed) << parsed.error().message();
  return parsed.value_or(MountOptions());
}

std::string Problem(const std::string& type, const std::vector<std::string>& options) {
  const auto parsed = ParseMountOptions(
      {.destination = "/x", .type = type, .source = "/source", .options = options});
  return parsed ? "" : parsed.error().message();
}

TEST(MountOptions, SortsAttributesFromData) {
  const MountOptions options =
      Parse("tmpfs", {"nosuid", "size=64k", "strictatime", "mode=755", "inode64"});
  EXPECT_EQ(options.set, uint64_t{MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME});
  EXPECT_THAT(options.data, ElementsAre(Pair("size", "64k"), Pair("mode", "755")));
  EXPECT_THAT(options.flags, ElementsAre("inode64"));
  EXPECT_FALSE(options.bind);
}

TEST(MountOptions, LaterOptionsWin) {
  EXPECT_EQ(Parse("tmpfs", {"ro", "rw"}).set, 0U);
  EXPECT_EQ(Parse("tmpfs", {"rw", "ro"}).set, uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(Parse("tmpfs", {"noatime", "strictatime"}).set, uint64_t{MOUNT_ATTR_STRICTATIME});
}

TEST(MountOptions, BindMountsArePrivateUnlessAsked) {
  EXPECT_TRUE(Parse("", {"rbind"}).bind);
  EXPECT_TRUE(Parse("", {"rbind"}).recursive);
  EXPECT_FALSE(Parse("bind", {}).recursive);
  EXPECT_EQ(Parse("bind", {}).propagation, 0U);
  const MountOptions slave = Parse("bind", {"slave"});
  EXPECT_EQ(slave.propagation, uint64_t{MS_SLAVE});
  EXPECT_FALSE(slave.recursive_propagation);
}

TEST(MountOptions, WritableNeverLiftsWhatTheHostHasSet) {
  const MountOptions options = Parse("bind", {"rbind", "rw", "dev", "suid", "exec"});
  EXPECT_EQ(options.clear, 0U);
  EXPECT_EQ(options.recursive_clear, 0U);
}

TEST(MountOptions, RecursiveOnesReachAllMountsBelow) {
  const MountOptions options = Parse("bind", {"rbind", "rro", "rdev", "rnoatime"});
  EXPECT_EQ(options.recursive_set, uint64_t{MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME});
  EXPECT_EQ(options.recursive_clear, uint64_t{MOUNT_ATTR_NODEV | MOUNT_ATTR__ATIME});
}

// The access time setting is one number: the kernel refuses bits of two (mount_setattr(2)).
TEST(MountOptions, LastSettingOfAccessTimesWins) {
  EXPECT_EQ(Parse("tmpfs", {"noatime", "rstrictatime"}).set, uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(Parse("tmpfs", {"rstrictatime", "noatime"}).set, uint64_t{MOUNT_ATTR_NOATIME});
  MountOptions options = Parse("bind", {"rbind", "noatime", "rstrictatime"});
  EXPECT_EQ(options.set | options.clear, 0U);
  EXPECT_EQ(options.recursive_set, uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(options.recursive_clear, uint64_t{MOUNT_ATTR__ATIME});
  options = Parse("bind", {"rbind", "rstrictatime", "noatime"});
  EXPECT_EQ(options.set, uint64_t{MOUNT_ATTR_NOATIME});
  EXPECT_EQ(options.clear, uint64_t{MOUNT_ATTR__ATIME});
  EXPECT_EQ(options.Attributes(), uint64_t{MOUNT_ATTR_NOATIME});
}

TEST(MountOptions, SettingOfAccessTimesIsTakenBackWhole) {
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"noatime", "atime"}, {"strictatime", "nostrictatime"}}) {
    EXPECT_EQ(Parse("bind", names), Parse("bind", {})) << names[0];
  }
  EXPECT_EQ(Parse("bind", {"strictatime", "atime"}), Parse("bind", {"strictatime"}));
  EXPECT_EQ(Parse("bind", {"relatime", "nostrictatime"}), Parse("bind", {"relatime"}));
}

TEST(MountOptions, RecursiveOnesAreAsAnyOnANewMount) {
  EXPECT_EQ(Parse("tmpfs", {"rro", "rnosuid"}), Parse("tmpfs", {"ro", "nosuid"}));
  EXPECT_EQ(Parse("tmpfs", {"ro", "rrw"}), Parse("tmpfs", {}));
  EXPECT_EQ(Parse("tmpfs", {"rro", "rw"}), Parse("tmpfs", {}));
}

TEST(MountOptions, RecursiveOnesWinOverEarlierOnes) {
  const MountOptions options = Parse("bind", {"rbind", "ro", "nodev", "rrw"});
  EXPECT_EQ(options.set, uint64_t{MOUNT_ATTR_NODEV});
  EXPECT_EQ(options.recursive_clear, uint64_t{MOUNT_ATTR_RDONLY});
}

TEST(MountOptions, RefusesWhatItCantDo) {
  EXPECT_THAT(Problem("bind", {"size=5"}), HasSubstr("\"size\" means nothing to a bind mount"));
  EXPECT_THAT(Problem("tmpfs", {"idmap"}), HasSubstr("ids can be mapped for bind mounts alone"));
  EXPECT_THAT(Problem("bind", {"tmpcopyup"}), HasSubstr("is for a tmpfs"));
  EXPECT_EQ(Problem("tmpfs", {"src-nofollow"}), "option \"src-nofollow\" is for a bind mount");
  EXPECT_EQ(Problem("tmpfs", {"copy-symlink"}), "option \"copy-symlink\" is for a bind mount");
  EXPECT_THAT(Problem("", {"ro"}), HasSubstr("has no type"));
}

}  // namespace
}  // namespace berth::runtime
