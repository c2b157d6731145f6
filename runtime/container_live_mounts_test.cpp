// Mounts that come to a running container, and go again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/live_mounts.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class LiveMounts : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_TRUE(sys::MakeDirectories(volume_, 0755));
    EXPECT_TRUE(ReplaceFile(volume_ + "/file", "kept"));
  }
  void Launch() {
    running_.emplace(box_);
    pidfd_ = *sys::PidfdOpen(running_->pid());
  }
  RunningContainer Container() {
    return {
        .pidfd = pidfd_.get(), .pid = running_->pid(), .spec = &box_.spec, .bundle = box_.bundle()};
  }
  Mount Volume(const std::string& destination) {
    return {destination, "bind", volume_, {"bind", "ro"}};
  }
  std::string Mounts() { return *ReadFile(fmt::format("/proc/{}/mountinfo", running_->pid())); }

  TestBox box_;
  const std::string volume_ = box_.bundle() + "/volume";
  std::optional<RunningBox> running_;
  UniqueFd pidfd_;
};

TEST_F(LiveMounts, ComeAndGo) {
  Launch();
  const std::string before = Mounts();
  const auto added =
      AddMounts(Container(), {Volume("/data/deep"), {"/scratch", "tmpfs", "tmpfs", {"size=1m"}}});
  ASSERT_TRUE(added) << added.error().message();
  EXPECT_EQ(running_->Exec("cat /data/deep/file; touch /scratch/x && echo written").text,
            "keptwritten\n");
  EXPECT_THAT(running_->Exec("touch /data/deep/x").text, HasSubstr("Read-only file system"));
  EXPECT_EQ(ReadFile("/proc/self/mountinfo")->find("/scratch"), std::string::npos);
  const auto removed = RemoveMounts(Container(), *added);
  ASSERT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(Mounts(), before);
  EXPECT_EQ(*ReadFile(volume_ + "/file"), "kept");
}

TEST_F(LiveMounts, BelongToTheContainersUsers) {
  box_.spec.linux_.namespaces.push_back({.type = "user", .path = ""});
  box_.spec.linux_.uidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  box_.spec.linux_.gidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  for (const char* name : {"/proc", "/dev", "/sys", "/data", "/scratch"}) {
    ASSERT_TRUE(sys::MakeDirectories(box_.root() + name, 0755));
  }
  Launch();
  const auto added =
      AddMounts(Container(), {{"/data", "bind", volume_, {"bind", "idmap"}},
                              {"/scratch", "tmpfs", "tmpfs", {"mode=700", "uid=7"}}});
  ASSERT_TRUE(added) << added.error().message();
  EXPECT_EQ(running_->Exec("stat -c %u /data /scratch").text, "0\n7\n");
}

TEST_F(LiveMounts, AreAllThereOrNone) {
  Launch();
  const std::string before = Mounts();
  const auto added = AddMounts(Container(), {Volume("/a"), Volume("/proc/sys/kernel")});
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().message(), HasSubstr("/proc/sys/kernel: lies inside procfs"));
  EXPECT_EQ(Mounts(), before);
}

TEST_F(LiveMounts, OnlyWhatWasAddedIsTakenAway) {
  Launch();
  auto added = AddMounts(Container(), {Volume("/a"), Volume("/b")});
  ASSERT_TRUE(added);
  const std::string before = Mounts();
  added->push_back({.destination = "/proc", .id = (*added)[0].id});
  EXPECT_EQ(RemoveMounts(Container(), *added).error().message(),
            "/proc: the mount that was added is not there any more");
  EXPECT_EQ(Mounts(), before) << "nothing is taken away if not all can be";
}

TEST_F(LiveMounts, OtherKindsAreRefused) {
  const auto refusal = [&](const Mount& mount) {
    const auto checked = CheckLiveMounts(box_.spec.linux_, {mount});
    return checked ? "" : checked.error().message();
  };
  EXPECT_EQ(refusal(Volume("/a")), "");
  EXPECT_THAT(refusal({"/a", "proc", "proc", {}}), HasSubstr("mounts[0] /a: a bind mount or a"));
  EXPECT_THAT(refusal({"/a", "ext4", "/dev/sda", {}}), HasSubstr("no ext4"));
  EXPECT_THAT(refusal({"/a", "tmpfs", "", {"tmpcopyup"}}), HasSubstr("for new containers alone"));
  EXPECT_THAT(refusal({"/a", "none", "", {"remount", "ro"}}), Not(IsEmpty()));
  for (Namespace& ns : box_.spec.linux_.namespaces) {
    if (ns.type == "mount") ns.path = "/proc/self/ns/mnt";
  }
  EXPECT_THAT(refusal(Volume("/a")), HasSubstr("others' too"));
}

}  // namespace
}  // namespace berth::runtime
