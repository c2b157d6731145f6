// Containers in namespaces that are there already.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

std::string LinkOf(const std::string& path) {
  std::array<char, PATH_MAX> target = {};
  EXPECT_GT(::readlink(path.c_str(), target.data(), target.size() - 1), 0) << path;
  return target.data();
}

std::string NamespaceOf(pid_t pid, const std::string& file) {
  return fmt::format("/proc/{}/ns/{}", pid, file);
}

// With directories to mount on: a root that belongs to nobody of the container gets none.
void MapIds(TestBox& box) {
  box.spec.linux_.namespaces.push_back({.type = "user", .path = ""});
  box.spec.linux_.uidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  box.spec.linux_.gidMappings = {{.containerID = 0, .hostID = 200000, .size = 65536}};
  for (const char* name : {"/proc", "/dev", "/sys"}) {
    ASSERT_TRUE(sys::MakeDirectories(box.root() + name, 0755));
  }
}

Namespace& NamespaceOfType(TestBox& box, const std::string& type) {
  auto& all = box.spec.linux_.namespaces;
  return *std::find_if(all.begin(), all.end(),
                       [&](const Namespace& ns) { return ns.type == type; });
}

// The second container is in the first one's user namespace.
class ContainerJoin : public testing::Test {
 protected:
  void SetUp() override {
    MapIds(first_);
    MapIds(box_);
    running_.emplace(first_);
    ASSERT_GT(running_->pid(), 0);
    NamespaceOfType(box_, "user").path = NamespaceOf(running_->pid(), "user");
    box_.spec.linux_.uidMappings.clear();
    box_.spec.linux_.gidMappings.clear();
  }

  TestBox first_;
  TestBox box_;
  std::optional<RunningBox> running_;
};

TEST_F(ContainerJoin, IsInTheUserNamespaceAndOwnsItsOtherNamespaces) {
  const Outcome outcome = box_.Run(
      "readlink /proc/self/ns/user; hostname inside && hostname; mount -t tmpfs x /bin && echo yes;"
      "echo $$; cat /proc/self/uid_map");
  EXPECT_THAT(outcome.text, HasSubstr(LinkOf(NamespaceOf(running_->pid(), "user"))))
      << outcome.error;
  EXPECT_THAT(outcome.text, HasSubstr("\n1\n"));
  EXPECT_THAT(outcome.text, HasSubstr("100000"));
}

TEST_F(ContainerJoin, FilesBelongToTheMappedUser) {
  box_.spec.process.user = {.uid = 1000, .gid = 1000};
  ASSERT_EQ(::mkdir((box_.root() + "/data").c_str(), 0777), 0);
  ASSERT_EQ(::chmod((box_.root() + "/data").c_str(), 0777), 0);
  const Outcome outcome = box_.Run("touch /data/x; echo done > /dev/stdout");
  EXPECT_EQ(outcome.text, "done\n") << outcome.error;
  struct stat info;
  ASSERT_EQ(::stat((box_.root() + "/data/x").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 101000U);
  EXPECT_EQ(info.st_gid, 201000U);
}

TEST_F(ContainerJoin, CanBeJoinedByFurtherProcesses) {
  RunningBox second(box_);
  ASSERT_GT(second.pid(), 0);
  EXPECT_EQ(second.Exec("readlink /proc/self/ns/user").text,
            LinkOf(NamespaceOf(running_->pid(), "user")) + "\n");
}

TEST_F(ContainerJoin, SharesTheNetworkOfTheNamespace) {
  NamespaceOfType(box_, "network").path = NamespaceOf(running_->pid(), "net");
  NamespaceOfType(box_, "ipc").path = NamespaceOf(running_->pid(), "ipc");
  const Outcome outcome =
      box_.Run("readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; ls -d /sys/kernel");
  EXPECT_THAT(outcome.text, HasSubstr(LinkOf(NamespaceOf(running_->pid(), "net")) + "\n" +
                                      LinkOf(NamespaceOf(running_->pid(), "ipc"))))
      << outcome.error;
}

TEST_F(ContainerJoin, MapsOwnersOfFilesByTheNamespace) {
  const std::string volume = box_.bundle() + "/volume";
  ASSERT_TRUE(sys::MakeDirectories(volume, 0755));
  ASSERT_EQ(::chown(volume.c_str(), 7, 8), 0);
  box_.spec.mounts.push_back({"/proc/../data", "bind", volume, {"bind", "idmap"}});
  ASSERT_TRUE(sys::MakeDirectories(box_.root() + "/data", 0755));
  EXPECT_EQ(box_.Run("stat -c %u:%g /data").text, "7:8\n");
}

TEST_F(ContainerJoin, CanHaveClocksOfItsOwn) {
  box_.spec.linux_.namespaces.push_back({.type = "time", .path = ""});
  box_.spec.linux_.timeOffsets = {{"boottime", {.secs = 864000000}}};
  EXPECT_THAT(box_.Run("cat /proc/uptime").text, testing::StartsWith("864")) << "seconds";
}

TEST_F(ContainerJoin, MappingsHaveToBeTheNamespaces) {
  box_.spec.linux_.uidMappings = first_.spec.linux_.uidMappings;
  EXPECT_EQ(box_.Run("true").error, "");
  box_.spec.linux_.gidMappings = {{.containerID = 0, .hostID = 100000, .size = 1}};
  EXPECT_EQ(box_.Run("true").error,
            "join: linux.gidMappings: are not those of the user namespace to join: "
            "leave them out");
}

TEST(ContainerJoinMounts, IsInTheMountNamespaceAndHasADirectoryOfItAsRoot) {
  TestBox first;
  ASSERT_TRUE(sys::MakeDirectories(first.root() + "/inner/bin", 0755));
  ASSERT_TRUE(sys::MakeDirectories(first.root() + "/inner/dev", 0755));
  ASSERT_TRUE(sys::MakeDirectories(first.root() + "/inner/proc", 0755));
  const auto busybox = ReadFile("/bin/busybox");
  ASSERT_TRUE(ReplaceFile(first.root() + "/inner/bin/sh", *busybox, 0755));
  first.spec.mounts.push_back({"/inner/proc", "proc", "proc", {}});
  first.spec.mounts.push_back({"/inner/dev", "bind", "/dev", {"bind"}});
  const RunningBox running(first);
  ASSERT_GT(running.pid(), 0);
  const std::string before = *ReadFile(fmt::format("/proc/{}/mountinfo", running.pid()));

  TestBox box;
  NamespaceOfType(box, "mount").path = NamespaceOf(running.pid(), "mnt");
  NamespaceOfType(box, "pid").path = NamespaceOf(running.pid(), "pid");
  box.spec.mounts.clear();
  box.spec.linux_.maskedPaths.clear();
  box.spec.linux_.readonlyPaths.clear();
  box.spec.root.path = "/inner";
  const Outcome outcome = box.Run("echo /*; readlink /proc/self/ns/mnt");
  EXPECT_EQ(outcome.text, "/bin /dev /proc\n" + LinkOf(NamespaceOf(running.pid(), "mnt")) + "\n")
      << outcome.error;
  EXPECT_EQ(*ReadFile(fmt::format("/proc/{}/mountinfo", running.pid())), before);
}

TEST(ContainerJoinMounts, RefusesToChangeTheMountsOfOthers) {
  TestBox box;
  NamespaceOfType(box, "mount").path = "/proc/self/ns/mnt";
  EXPECT_EQ(box.Run("true").error,
            "check: mounts: can't be had in a mount namespace that is joined, whose "
            "mounts are others' too");
}

TEST(ContainerJoinMounts, ContainerWithoutAMountNamespaceIsRefused) {
  TestBox box;
  std::erase_if(box.spec.linux_.namespaces, [](const Namespace& ns) { return ns.type == "mount"; });
  EXPECT_EQ(box.Run("true").error,
            "check: linux.namespaces: without a mount namespace the container's mounts "
            "would be the host's: add one of type mount");
}

// A cgroup of its own for a container, and what is in it.
class TestCgroup {
 public:
  explicit TestCgroup(const std::string& name) {
    const bool unified = Exists("/sys/fs/cgroup/cgroup.procs");
    path_ = fmt::format("/sys/fs/cgroup/{}berth-test-{}-{}", unified ? "" : "unified/", name,
                        ::getpid());
    EXPECT_EQ(::mkdir(path_.c_str(), 0755), 0) << path_;
    fd_ = *sys::Open(path_, O_PATH | O_DIRECTORY);
  }
  ~TestCgroup() { EXPECT_EQ(::rmdir(path_.c_str()), 0) << path_; }
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;
  int fd() const { return fd_.get(); }
  std::string Processes() const { return *ReadFile(path_ + "/cgroup.procs"); }

 private:
  std::string path_;
  UniqueFd fd_;
};

// A container in a cgroup next to the one that its cgroup namespace begins at. Where the hierarchy
// is mounted with nsdelegate nobody could be born there from inside of the namespace.
class ContainerJoinCgroups : public testing::Test {
 protected:
  pid_t Launch(TestBox& box, const TestCgroup& cgroup) {
    box.spec.process.args = {"/bin/sleep", "1000"};
    CreateRequest request = box.Request();
    request.cgroup_fd = cgroup.fd();
    auto created = Create(request);
    EXPECT_TRUE(created) << created.error().message();
    if (!created) return -1;
    EXPECT_TRUE(Start(*created));
    return created->pid;
  }

  void IsBeside() {
    const pid_t first = Launch(first_box_, first_cgroup_);
    ASSERT_GT(first, 0);
    const std::string own = LinkOf("/proc/self/ns/cgroup");
    NamespaceOfType(box_, "cgroup").path = NamespaceOf(first, "cgroup");
    const pid_t pid = Launch(box_, cgroup_);
    EXPECT_EQ(LinkOf("/proc/self/ns/cgroup"), own);
    ASSERT_GT(pid, 0);
    EXPECT_EQ(cgroup_.Processes(), fmt::format("{}\n", pid));
    EXPECT_EQ(LinkOf(NamespaceOf(pid, "cgroup")), LinkOf(NamespaceOf(first, "cgroup")));
    for (const pid_t each : {pid, first}) {
      ::kill(each, SIGKILL);
      Reap(each);
    }
  }

  TestBox first_box_;
  TestBox box_;
  TestCgroup first_cgroup_ = TestCgroup("first");
  TestCgroup cgroup_ = TestCgroup("second");
};

TEST_F(ContainerJoinCgroups, IsInTheNamespaceAndInACgroupOutsideOfIt) { IsBeside(); }

TEST_F(ContainerJoinCgroups, AlsoInANewUserNamespace) {
  MapIds(box_);
  IsBeside();
}

}  // namespace
}  // namespace berth::runtime
