#include "runtime/process/passwd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PasswdTest : public testing::Test {
 protected:
  PasswdTest() {
    std::string pattern = "/tmp/berth-passwd-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    EXPECT_TRUE(sys::MkdirAt(AT_FDCWD, path_ + "/etc", 0755));
    Write("passwd",
          "# comment\nroot:x:0:0:root:/root:/bin/sh\nbroken:x:many:0::/:\n"
          "web:x:1000:100:Web:/srv/web:/bin/sh\n12:x:2000:2000::/twelve:\nshort:x:7:8\n");
    Write("group", "root:x:0:\nusers:x:100:\naudio:x:29:web,other\nvideo:x:44:web\n");
    root_ = *sys::Open(path_, O_PATH | O_DIRECTORY);
  }
  ~PasswdTest() override { EXPECT_TRUE(sys::RemoveTree(path_)); }

  void Write(const std::string& name, const std::string& content) const {
    EXPECT_TRUE(ReplaceFile(path_ + "/etc/" + name, content));
  }
  User Find(std::string_view user) const {
    const auto found = LookUpUser(root_.get(), user);
    EXPECT_TRUE(found) << found.error().message();
    return found.value_or(User{.uid = 9999});
  }
  std::string Problem(std::string_view user) const {
    const auto found = LookUpUser(root_.get(), user);
    return found ? "" : found.error().message();
  }

  std::string path_;
  UniqueFd root_;
};

TEST_F(PasswdTest, FindsNamesWithTheirGroups) {
  const User user = Find("web");
  EXPECT_EQ(user.uid, 1000U);
  EXPECT_EQ(user.gid, 100U);
  EXPECT_THAT(user.additionalGids, ElementsAre(100, 29, 44));
}

TEST_F(PasswdTest, EmptyIsRoot) {
  EXPECT_EQ(Find("").uid, 0U);
  EXPECT_THAT(Find("").additionalGids, ElementsAre(0));
}

TEST_F(PasswdTest, NumbersAreIdsEvenWhenAnAccountIsCalledSo) {
  EXPECT_EQ(Find("12").uid, 12U);
  EXPECT_EQ(Find("1000").gid, 100U);
  EXPECT_THAT(Find("1000").additionalGids, ElementsAre(100, 29, 44));
  EXPECT_EQ(Find("4711").gid, 0U);
}

TEST_F(PasswdTest, AGroupReplacesTheListedOnes) {
  const User user = Find("web:audio");
  EXPECT_EQ(user.gid, 29U);
  EXPECT_THAT(user.additionalGids, ElementsAre(29));
  EXPECT_EQ(Find("5:6").uid, 5U);
  EXPECT_EQ(Find("5:6").gid, 6U);
}

TEST_F(PasswdTest, RefusesWhatIsNobody) {
  EXPECT_THAT(Problem("nobody"), HasSubstr("\"nobody\" is not in the image's /etc/passwd"));
  EXPECT_THAT(Problem("web:nogroup"), HasSubstr("\"nogroup\" is not in the image's /etc/group"));
  for (const char* bad : {"-1", "+0", " 0", "0x0", "2147483648", "4294967296", "0 ", "broken"}) {
    EXPECT_THAT(Problem(bad), HasSubstr("is not in")) << bad;
  }
  for (const char* bad : {"web:", "0:0:0", "a:b:c"}) {
    EXPECT_THAT(Problem(bad), HasSubstr("not of the form")) << bad;
  }
}

TEST_F(PasswdTest, WorksWithoutFiles) {
  EXPECT_TRUE(sys::RemoveTree(path_ + "/etc"));
  EXPECT_EQ(Find("1000").uid, 1000U);
  EXPECT_THAT(Problem("web"), HasSubstr("not in"));
  EXPECT_EQ(*HomeDirectory(root_.get(), 0), "/");
}

TEST_F(PasswdTest, FindsHomeDirectories) {
  EXPECT_EQ(*HomeDirectory(root_.get(), 1000), "/srv/web");
  EXPECT_EQ(*HomeDirectory(root_.get(), 7), "/");
  EXPECT_EQ(*HomeDirectory(root_.get(), 555), "/");
}

TEST_F(PasswdTest, StaysInsideTheRoot) {
  EXPECT_TRUE(sys::Unlink(path_ + "/etc/passwd"));
  ASSERT_EQ(::symlink("/etc/hostname", (path_ + "/etc/passwd").c_str()), 0);
  EXPECT_THAT(Problem("root"), HasSubstr("not in"));
  EXPECT_TRUE(sys::Unlink(path_ + "/etc/passwd"));
  ASSERT_EQ(::mkfifo((path_ + "/etc/passwd").c_str(), 0600), 0);
  EXPECT_THAT(Problem("root"), HasSubstr("is not a file"));
}

}  // namespace
}  // namespace berth::runtime
