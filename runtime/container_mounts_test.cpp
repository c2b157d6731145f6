// Containers that really run: their file systems, and roots that try to lead the set-up astray.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

void Link(const std::string& target, const std::string& path) {
  ASSERT_EQ(::symlink(target.c_str(), path.c_str()), 0);
}

// A directory of the host with one file, for bind mounts.
std::string HostDirectory(const TestBox& box) {
  const std::string path = box.bundle() + "/volume";
  EXPECT_TRUE(sys::MakeDirectories(path, 0755));
  EXPECT_TRUE(ReplaceFile(path + "/file", "from the host\n"));
  return path;
}

TEST(ContainerMounts, MakesTheDefaultDevices) {
  TestBox box;
  const Outcome outcome = box.Run(
      "for d in null zero full random urandom tty; do test -c /dev/$d || echo no $d; done;"
      "for l in ptmx stdin fd; do readlink /dev/$l; done; stat -f -c %T /dev/shm /dev/mqueue "
      ">/dev/null;"
      "head -c 3 /dev/zero | wc -c");
  EXPECT_EQ(outcome.text, "pts/ptmx\n/proc/self/fd/0\n/proc/self/fd\n3\n") << outcome.error;
}

TEST(ContainerMounts, MakesTheDevicesOfTheSpec) {
  TestBox box;
  box.spec.linux_.devices = {{.type = "c",
                              .path = "/dev/net/tun",
                              .major = 10,
                              .minor = 200,
                              .fileMode = 0640,
                              .uid = 5,
                              .gid = 6}};
  EXPECT_THAT(box.Run("ls -ln /dev/net/tun").text,
              testing::ContainsRegex("crw-r----- .* 5 +6 +10, 200 "));
}

TEST(ContainerMounts, DevicesMayBeElsewhereThanInDev) {
  TestBox box;
  std::erase_if(box.spec.mounts,
                [](const Mount& mount) { return mount.destination.starts_with("/dev"); });
  box.spec.mounts.push_back({"/dev", "bind", "/dev", {"rbind"}});
  box.spec.linux_.devices = {{.type = "c", .path = "/srv/zero", .major = 1, .minor = 5},
                             {.type = "p", .path = "/srv/pipe", .fileMode = 0600}};
  EXPECT_EQ(box.Run("stat -c '%F %t:%T %a' /srv/zero /srv/pipe").text,
            "character special file 1:5 666\nfifo 0:0 600\n");
}

TEST(ContainerMounts, BindsDirectoriesAndFiles) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  box.spec.mounts.push_back({"/data", "bind", volume, {"rbind", "rw"}});
  box.spec.mounts.push_back({"/etc/one/two", "bind", "volume/file", {"bind", "ro"}});
  const Outcome outcome =
      box.Run("cat /data/file /etc/one/two; echo x > /data/new; echo y > /etc/one/two; true");
  EXPECT_THAT(outcome.text, HasSubstr("from the host\nfrom the host\n")) << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("Read-only file system"));
  EXPECT_EQ(*ReadFile(volume + "/new"), "x\n");
}

TEST(ContainerMounts, AppliesOptionsToBindMounts) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  box.spec.mounts.push_back({"/data", "bind", volume, {"bind", "nosuid", "nodev", "noexec"}});
  EXPECT_THAT(box.Run("grep ' /data ' /proc/self/mounts").text,
              HasSubstr("rw,nosuid,nodev,noexec,"));
}

// The options of a mount at `place` in the container, and its optional fields, by mountinfo.
std::string Show(const std::string& place) {
  return "grep ' " + place + " ' /proc/self/mountinfo | sed 's/^[^/]*[^ ]* //; s/ - .*//';";
}

TEST(ContainerMounts, AccessTimesCanBeWhatTheyAreByDefault) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  ASSERT_TRUE(sys::MakeDirectories(volume + "/sub", 0755));
  const auto add = [&](const char* place, const std::string& source,
                       const std::vector<std::string>& options) {
    box.spec.mounts.push_back({place, "bind", source, options});
  };
  box.spec.mounts.push_back({"/a", "tmpfs", "tmpfs", {"noatime", "rstrictatime"}});
  add("/b", volume, {"rbind", "noatime", "rrelatime"});
  add("/c", volume, {"rbind", "rnoatime", "relatime"});
  EXPECT_EQ(box.Run(Show("/a") + Show("/b") + Show("/c")).text,
            "/a rw\n/b rw,relatime\n/c rw,relatime\n");
}

TEST(ContainerMounts, RemountReachesWhatIsBelowIfAsked) {
  TestBox box;
  box.spec.mounts.push_back({"/a", "tmpfs", "tmpfs", {"nosuid"}});
  box.spec.mounts.push_back({"/a/b", "tmpfs", "tmpfs", {"nodev"}});
  const auto remounted = [&](const std::vector<std::string>& options) {
    box.spec.mounts.resize(box.spec.mounts.size() - 1);
    box.spec.mounts.push_back({"/a", "", "", options});
    const Outcome outcome = box.Run(Show("/a") + Show("/a/b"));
    return outcome.error + outcome.text;
  };
  box.spec.mounts.emplace_back();
  EXPECT_EQ(remounted({"remount", "noexec"}), "/a rw,noexec,relatime\n/a/b rw,nodev,relatime\n");
  EXPECT_EQ(remounted({"remount", "rro"}), "/a ro,relatime\n/a/b ro,nodev,relatime\n");
  EXPECT_THAT(remounted({"remount", "shared"}), HasSubstr("/a/b rw,nodev,relatime\n"));
  EXPECT_THAT(remounted({"remount", "rshared"}), HasSubstr("/a/b rw,nodev,relatime shared:"));
}

TEST(ContainerMounts, TmpfsCanStartWithWhatItHides) {
  TestBox box;
  ASSERT_TRUE(sys::MakeDirectories(box.root() + "/data/sub", 0755));
  ASSERT_TRUE(ReplaceFile(box.root() + "/data/sub/file", "below\n", 0640));
  ASSERT_EQ(::chown((box.root() + "/data/sub/file").c_str(), 1000, 7), 0);
  ASSERT_EQ(::symlink("sub/file", (box.root() + "/data/link").c_str()), 0);
  ASSERT_EQ(::chmod((box.root() + "/data").c_str(), 01777), 0);
  box.spec.mounts.push_back(
      {.destination = "/data", .type = "tmpfs", .source = "tmpfs", .options = {"tmpcopyup"}});
  const Outcome outcome = box.Run(
      "cat /data/link; stat -c '%u:%g %a' /data/sub/file; stat -c %a /data; echo new > /data/new;"
      "stat -f -c %T /data");
  EXPECT_EQ(outcome.text, "below\n1000:7 640\n1777\ntmpfs\n") << outcome.error;
  EXPECT_FALSE(Exists(box.root() + "/data/new"));
}

TEST(ContainerMounts, TmpfsHasItsOptions) {
  TestBox box;
  ASSERT_EQ(::mkdir((box.root() + "/scratch").c_str(), 0), 0);
  ASSERT_EQ(::chmod((box.root() + "/scratch").c_str(), 01770), 0);
  box.spec.mounts.push_back({"/tmp", "tmpfs", "tmpfs", {"size=1m", "mode=1700", "noexec"}});
  box.spec.mounts.push_back({"/scratch", "tmpfs", "tmpfs", {}});
  box.spec.mounts.push_back({"/fixed", "tmpfs", "tmpfs", {"ro"}});
  const Outcome outcome =
      box.Run("grep ' /tmp ' /proc/self/mounts; stat -c %a /tmp /scratch; touch /fixed/x");
  EXPECT_THAT(outcome.text, HasSubstr("noexec")) << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("size=1024k"));
  EXPECT_THAT(outcome.text, HasSubstr("1700\n1770\n"));
  EXPECT_THAT(outcome.text, HasSubstr("/fixed/x: Read-only file system"));
}

TEST(ContainerMounts, TellsWhatTheKernelDislikesAboutAFileSystem) {
  TestBox box;
  box.spec.mounts.push_back({"/tmp", "tmpfs", "tmpfs", {"size=lots"}});
  EXPECT_THAT(box.Run("true").error, HasSubstr("Bad value for 'size'"));
  box.spec.mounts.back() = {"/tmp", "nosuchfs", "none", {}};
  EXPECT_THAT(box.Run("true").error, HasSubstr("fsopen nosuchfs: No such device"));
}

TEST(ContainerMounts, MountsOptionsTooLongForTheNewCalls) {
  TestBox box;
  const std::string base = box.bundle() + "/" + std::string(200, 'l');
  for (const char* name : {"/a", "/b", "/up", "/work"}) {
    ASSERT_TRUE(sys::MakeDirectories(base + name, 0755));
  }
  ASSERT_TRUE(ReplaceFile(base + "/a/file", "layer\n"));
  box.spec.mounts.push_back(
      {"/merged", "overlay", "overlay", {"nosuid", "lowerdir=" + base + "/a:" + base + "/b"}});
  EXPECT_EQ(box.Run("cat /merged/file").text, "layer\n");
}

TEST(ContainerMounts, ReadOnlyRootCantBeWritten) {
  TestBox box;
  box.spec.root.readonly = true;
  const Outcome outcome = box.Run("touch /x; touch /dev/shm/x && echo shm");
  EXPECT_THAT(outcome.text, HasSubstr("Read-only file system")) << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("shm"));
}

TEST(ContainerMounts, MakesItsWorkingDirectoryInAReadOnlyRoot) {
  TestBox box;
  box.spec.root.readonly = true;
  box.spec.process.cwd = "/srv/app";
  EXPECT_EQ(box.Run("pwd").text, "/srv/app\n");
}

TEST(ContainerMounts, TakesItsRootFromADescriptor) {
  TestBox box;
  box.spec.root.path = "/nowhere";
  const UniqueFd directory = *sys::Open(box.root(), O_PATH | O_DIRECTORY);
  const UniqueFd mount = *sys::OpenTree(AT_FDCWD, box.root(), OPEN_TREE_CLONE);
  for (const int fd : {directory.get(), mount.get()}) {
    CreateRequest request = box.Request();
    request.root_fd = fd;
    auto created = Create(request);
    ASSERT_TRUE(created) << created.error().message();
    EXPECT_TRUE(Start(*created));
    EXPECT_EQ(Reap(created->pid).code, 0);
  }
}

TEST(ContainerMounts, NothingOfItShowsOnTheHost) {
  TestBox box;
  const std::string before = *ReadFile("/proc/self/mountinfo");
  box.spec.mounts.push_back({"/data", "bind", HostDirectory(box), {"rbind", "rslave"}});
  box.spec.linux_.rootfsPropagation = "shared";
  const RunningBox running(box);
  EXPECT_EQ(*ReadFile("/proc/self/mountinfo"), before);
}

TEST(ContainerMounts, HasTheHostsFilesNowhere) {
  TestBox box;
  const Outcome outcome = box.Run("cat /proc/self/mountinfo; ls /proc/1/root/");
  EXPECT_THAT(outcome.text, Not(HasSubstr("/sys/fs/cgroup/"))) << outcome.error;
  EXPECT_THAT(outcome.text, Not(HasSubstr("boot")));
}

TEST(ContainerMounts, LinkAtAMountPointStaysInTheRoot) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  Link("/etc", box.root() + "/mnt");
  Link("../../../../../../tmp", box.root() + "/up");
  Link("/run/not/there", box.root() + "/dangling");
  box.spec.mounts.push_back({"/mnt", "bind", volume, {"bind"}});
  box.spec.mounts.push_back({"/up/deeper", "bind", volume, {"bind"}});
  box.spec.mounts.push_back({"/dangling", "bind", volume, {"bind"}});
  const Outcome outcome =
      box.Run("cat /etc/file /tmp/deeper/file /run/not/there/file; ls /etc/passwd");
  EXPECT_THAT(outcome.text, HasSubstr("from the host\nfrom the host\nfrom the host\n"))
      << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("No such file"));  // /etc is covered
  EXPECT_FALSE(Exists("/tmp/deeper"));
  EXPECT_FALSE(Exists("/run/not"));
}

TEST(ContainerMounts, LinksCanBeMountedAndMountedOver) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  Link("/etc/hosts", volume + "/link");
  Link("/nowhere", box.root() + "/here");
  box.spec.mounts.push_back({"/mounted", "bind", volume + "/link", {"bind", "src-nofollow"}});
  box.spec.mounts.push_back({"/here", "bind", volume + "/file", {"bind", "dest-nofollow"}});
  box.spec.mounts.push_back({"/new", "bind", volume + "/file", {"bind", "dest-nofollow"}});
  const Outcome outcome =
      box.Run("readlink /mounted; cat /here /new; test -e /nowhere || echo nowhere");
  EXPECT_EQ(outcome.text, "/etc/hosts\nfrom the host\nfrom the host\nnowhere\n") << outcome.error;
}

TEST(ContainerMounts, LinksCanBeCopied) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  Link("/etc/hosts", volume + "/link");
  box.spec.mounts.push_back({"/sub/copied", "bind", volume + "/link", {"bind", "copy-symlink"}});
  box.spec.mounts.push_back({"/plain", "bind", volume + "/file", {"bind", "copy-symlink"}});
  EXPECT_EQ(box.Run("readlink /sub/copied; cat /plain").text, "/etc/hosts\nfrom the host\n");
  EXPECT_EQ(box.Run("true").error, "");  // it is there by now
  Link("/elsewhere", box.root() + "/other");
  box.spec.mounts[box.spec.mounts.size() - 2].destination = "/other";
  EXPECT_EQ(box.Run("true").error,
            "mounts: /other: a link to /elsewhere is there already, not to /etc/hosts");
}

TEST(ContainerMounts, DestinationsMayBeRelativeAndTypesNone) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  box.spec.mounts.push_back({"data/sub", "none", volume, {"bind"}});
  EXPECT_EQ(box.Run("cat /data/sub/file").text, "from the host\n");
}

TEST(ContainerMounts, LoopOfLinksIsRefused) {
  TestBox box;
  Link("/b", box.root() + "/a");
  Link("/a", box.root() + "/b");
  box.spec.mounts.push_back({"/a", "tmpfs", "tmpfs", {}});
  EXPECT_THAT(box.Run("true").error, HasSubstr("Too many levels of symbolic links"));
}

TEST(ContainerMounts, KernelDirectoriesMustNotBeLinks) {
  for (const std::string name : {"/proc", "/sys", "/dev"}) {
    TestBox box;
    Link("/tmp", box.root() + name);
    EXPECT_THAT(box.Run("true").error, HasSubstr("Too many levels of symbolic links")) << name;
  }
}

TEST(ContainerMounts, NothingMayBeMountedInsideProc) {
  TestBox box;
  const std::string volume = HostDirectory(box);
  box.spec.mounts.push_back({"/proc/sys/kernel", "bind", volume, {"bind"}});
  EXPECT_THAT(box.Run("true").error, HasSubstr("lies inside procfs"));
  box.spec.mounts.back().destination = "/link/sys/kernel";
  Link("/proc", box.root() + "/link");
  EXPECT_THAT(box.Run("true").error, HasSubstr("lies inside procfs"));
  box.spec.mounts.back() = {"/proc/uptime", "bind", volume + "/file", {"bind"}};
  EXPECT_EQ(box.Run("cat /proc/uptime").text, "from the host\n");
  box.spec.mounts.back() = {"/proc", "tmpfs", "tmpfs", {}};
  EXPECT_THAT(box.Run("true").error, HasSubstr("/proc"));
}

TEST(ContainerMounts, FileInTheWayIsTold) {
  TestBox box;
  box.spec.mounts.push_back({"/etc/passwd/x", "tmpfs", "tmpfs", {}});
  EXPECT_THAT(box.Run("true").error, HasSubstr("Not a directory"));
}

TEST(ContainerMounts, MissingSourceIsToldBeforeAnythingIsMade) {
  TestBox box;
  box.spec.mounts.push_back({"/data", "bind", "/does/not/exist", {"bind"}});
  EXPECT_EQ(box.Run("true").error,
            "mounts: /data: open_tree /does/not/exist: No such file or directory");
}

}  // namespace
}  // namespace berth::runtime
