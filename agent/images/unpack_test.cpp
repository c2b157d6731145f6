#include "agent/images/unpack.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "agent/images/sources.h"
#include "agent/images/test_images.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

class Unpack : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  std::string Run(const TarBuilder& tar, const UnpackOptions& options = {}) {
    MemorySource source(tar.Finish());
    const auto root = sys::Open(temp_.path(), O_RDONLY | O_DIRECTORY);
    const auto layer = UnpackLayer(source, root->get(), options);
    return layer ? fmt::format("{} bytes, {} entries", layer->bytes, layer->entries)
                 : layer.error().message();
  }

  std::string Path(const std::string& name) { return temp_.path() + "/" + name; }
  struct stat Stat(const std::string& name) {
    struct stat info = {};
    EXPECT_EQ(::lstat(Path(name).c_str(), &info), 0) << name;
    return info;
  }
  bool IsWhiteout(const std::string& name) {
    const struct stat info = Stat(name);
    return S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0);
  }
  std::string Xattr(const std::string& name, const char* attribute) {
    std::string value(256, '\0');
    const ssize_t size = ::lgetxattr(Path(name).c_str(), attribute, value.data(), value.size());
    return size < 0 ? "none" : value.substr(0, static_cast<size_t>(size));
  }
  bool IsOpaque(const std::string& name) { return Xattr(name, "trusted.overlay.opaque") == "y"; }

  TempDir temp_;
};

TEST_F(Unpack, KeepsOwnerModeAndTime) {
  EXPECT_EQ(Run(TarBuilder()
                    .Dir("bin/", 01755)
                    .Header({.path = "bin/su", .mode = 04755, .uid = 7, .gid = 8, .mtime = 1234})
                    .Header({.type = '6', .path = "pipe", .mode = 0620, .gid = 5})
                    .Header({.type = '2', .path = "link", .link = "/x", .uid = 9, .mtime = 99})),
            "0 bytes, 4 entries");
  EXPECT_EQ(Stat("bin").st_mode, S_IFDIR | 01755u);
  EXPECT_EQ(Stat("bin").st_mtim.tv_sec, 1'700'000'000);  // though a file was made in it later
  EXPECT_EQ(Stat("bin/su").st_mode, S_IFREG | 04755u);
  EXPECT_EQ(Stat("bin/su").st_uid, 7u);
  EXPECT_EQ(Stat("bin/su").st_gid, 8u);
  EXPECT_EQ(Stat("bin/su").st_mtim.tv_sec, 1234);
  EXPECT_EQ(Stat("pipe").st_mode, S_IFIFO | 0620u);
  EXPECT_EQ(Stat("link").st_uid, 9u);
  EXPECT_EQ(Stat("link").st_mtim.tv_sec, 99);
}

TEST_F(Unpack, TakesTheRootsOwnEntry) {
  EXPECT_EQ(Run(TarBuilder().Dir("./", 0711).File("./a", "abc")), "3 bytes, 2 entries");
  EXPECT_EQ(Stat("").st_mode, S_IFDIR | 0711u);
  EXPECT_EQ(ReadFile(Path("a")).value(), "abc");
}

TEST_F(Unpack, MakesMissingDirectories) {
  Run(TarBuilder().File("a/b/c", "x"));
  EXPECT_EQ(Stat("a/b").st_mode, S_IFDIR | 0755u);
}

TEST_F(Unpack, TurnsWhiteoutsIntoDevices) {
  Run(TarBuilder().File("etc/.wh.passwd", "").Dir("var/").File("var/.wh..wh..opq", ""));
  EXPECT_TRUE(IsWhiteout("etc/passwd"));
  EXPECT_TRUE(IsOpaque("var"));
  EXPECT_FALSE(Exists(Path("var/.wh..wh..opq")));
  EXPECT_FALSE(Exists(Path("etc/.wh.passwd")));
}

TEST_F(Unpack, LetsAWhiteoutHideOnlyWhatIsBelowTheLayer) {
  Run(TarBuilder()
          .File("file", "new")
          .File(".wh.file", "")
          .Dir("before/")
          .File(".wh.before", "")
          .File(".wh.after", "")
          .Dir("after/")
          .File(".wh.implied", "")
          .File("implied/file", "")
          .File(".wh.replaced", "")
          .File("replaced", "new"));
  EXPECT_EQ(ReadFile(Path("file")).value(), "new");
  EXPECT_EQ(ReadFile(Path("replaced")).value(), "new");
  EXPECT_TRUE(IsOpaque("before"));
  EXPECT_TRUE(IsOpaque("after"));
  EXPECT_TRUE(IsOpaque("implied"));
}

TEST_F(Unpack, LeavesOutWhatAufsKept) {
  Run(TarBuilder().Dir(".wh..wh.plnk/").File(".wh..wh.plnk/1.2", "x").File(".wh..wh.aufs", ""));
  EXPECT_THAT(Listing(temp_.path()), testing::IsEmpty());
}

TEST_F(Unpack, KeepsCapabilitiesAndUserAttributesAlone) {
  const std::string capability(
      "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
  Run(TarBuilder()
          .Pax({{"SCHILY.xattr.security.capability", capability},
                {"SCHILY.xattr.user.note", "hi"},
                {"SCHILY.xattr.user.overlay.opaque", "y"},
                {"SCHILY.xattr.trusted.overlay.redirect", "/"},
                {"SCHILY.xattr.security.selinux", "x"}})
          .File("ping", "x", 0755));
  EXPECT_EQ(Xattr("ping", "security.capability"), capability);
  EXPECT_EQ(Xattr("ping", "user.note"), "hi");
  EXPECT_EQ(Xattr("ping", "user.overlay.opaque"), "none");
  EXPECT_EQ(Xattr("ping", "trusted.overlay.redirect"), "none");
}

TEST_F(Unpack, FollowsLinksThatStayInTheLayer) {
  Run(TarBuilder().Dir("usr/lib/").Symlink("lib", "usr/lib").File("lib/libc.so", "x"));
  EXPECT_EQ(ReadFile(Path("usr/lib/libc.so")).value(), "x");
  EXPECT_TRUE(S_ISLNK(Stat("lib").st_mode));
}

TEST_F(Unpack, LetsALaterEntryOfTheSameNameWin) {
  Run(TarBuilder()
          .File("a", "first")
          .File("a", "second")
          .Symlink("b", "/etc/passwd")
          .File("b", "file")
          .Dir("real/")
          .Symlink("c", "real")
          .File("c/old", "x")
          .Dir("c/")
          .File("c/new", "x"));
  EXPECT_EQ(ReadFile(Path("a")).value(), "second");
  EXPECT_EQ(ReadFile(Path("b")).value(), "file");
  EXPECT_TRUE(S_ISDIR(Stat("c").st_mode));
  EXPECT_TRUE(Exists(Path("real/old")));
  EXPECT_TRUE(Exists(Path("c/new")));
}

TEST_F(Unpack, MakesHardLinks) {
  Run(TarBuilder()
          .File("a", "x")
          .HardLink("dir/b", "a")
          .HardLink("c", "/a")
          .Symlink("link", "/etc/passwd")
          .HardLink("other", "link"));
  EXPECT_EQ(Stat("dir/b").st_ino, Stat("a").st_ino);
  EXPECT_EQ(Stat("c").st_ino, Stat("a").st_ino);
  EXPECT_TRUE(S_ISLNK(Stat("other").st_mode));  // never of what the link leads to
}

TEST_F(Unpack, LeavesOutDevicesOfDevAndKeepsAllOnRequest) {
  const TarBuilder tar =
      TarBuilder().Header({.type = '3', .path = "dev/null", .major = 1, .minor = 3});
  EXPECT_EQ(Run(tar), "0 bytes, 1 entries");
  EXPECT_FALSE(Exists(Path("dev/null")));
  EXPECT_EQ(Run(tar, {.devices = Devices::kKeep}), "0 bytes, 1 entries");
  EXPECT_EQ(Stat("dev/null").st_rdev, makedev(1, 3));
  EXPECT_EQ(Run(TarBuilder().Header({.type = '3', .path = "dev/w"}), {.devices = Devices::kKeep}),
            "\"dev/w\": character device 0:0 is not allowed");
}

TEST_F(Unpack, ReadsLongNamesOfAllForms) {
  const std::string part(200, 'p');
  const std::string pax = part + "/pax";
  const std::string gnu = part + "/gnu";
  Run(TarBuilder()
          .Pax({{"path", pax}, {"mtime", "1234.5"}})
          .File("x", "")
          .Header({.type = 'L', .path = "././@LongLink", .size = gnu.size() + 1})
          .Raw(gnu + std::string(512 - gnu.size(), '\0'))
          .File("y", "")
          .Header({.type = 'K', .path = "././@LongLink", .size = pax.size() + 1})
          .Raw(pax + std::string(512 - pax.size(), '\0'))
          .Symlink("z", "short"));
  EXPECT_EQ(Stat(pax).st_mtim.tv_nsec, 500'000'000);
  EXPECT_TRUE(Exists(Path(gnu)));
  EXPECT_EQ(Stat("z").st_size, static_cast<off_t>(pax.size()));
}

TEST_F(Unpack, TakesAnArchiveWithoutItsEnd) {
  MemorySource source(TarBuilder().File("a", "x").bytes());
  const auto root = sys::Open(temp_.path(), O_RDONLY | O_DIRECTORY);
  EXPECT_TRUE(UnpackLayer(source, root->get(), {}));
  EXPECT_TRUE(Exists(Path("a")));
}

TEST_F(Unpack, WritesFilesLargerThanItsBuffers) {
  std::string content(3 << 20, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7 + i / 512);
  Run(TarBuilder().File("a", content).File("b", "after"));
  EXPECT_EQ(ReadFile(Path("a")).value(), content);
  EXPECT_EQ(ReadFile(Path("b")).value(), "after");
}

}  // namespace
}  // namespace berth::agent::images
