#include "base/mountinfo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Mountinfo, ReadsWhatIsMountedWhere) {
  EXPECT_THAT(
      ParseMountinfo("31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n"
                     "36 35 8:1 /home /mnt rw shared:9 master:2 - ext4 /dev/sda1 rw\n"),
      ElementsAre(MountedAt{"/", "/sys/fs/cgroup", "cgroup2"}, MountedAt{"/home", "/mnt", "ext4"}));
}

TEST(Mountinfo, UndoesWhatTheKernelEscapes) {
  EXPECT_THAT(ParseMountinfo("1 2 0:3 /a\\040b /c\\134d\\012\\043 rw - fuse.x y rw"),
              ElementsAre(MountedAt{"/a b", "/c\\d\n#", "fuse.x"}));
}

TEST(Mountinfo, LeavesABackslashThatEscapesNothing) {
  EXPECT_THAT(ParseMountinfo("1 2 0:3 /\\ /\\04\\9999\\04x\\777\\-40 rw - a b rw"),
              ElementsAre(MountedAt{"/\\", "/\\04\\9999\\04x\\777\\-40", "a"}));
}

TEST(Mountinfo, PassesOverOtherLines) {
  EXPECT_THAT(ParseMountinfo(""), IsEmpty());
  EXPECT_THAT(ParseMountinfo("x\n1 2 0:3 / /a rw no separator\n1 2 - ext4\n - \n"), IsEmpty());
}

}  // namespace
}  // namespace berth
