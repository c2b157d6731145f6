// Containers that are asked for more than the specification knows, by annotations.
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

TEST(ContainerAnnotations, KeepTheLaunchersGroups) {
  const gid_t groups[] = {4242};
  ASSERT_EQ(::setgroups(1, groups), 0);
  const Cleanup drop([] { ::setgroups(0, nullptr); });
  TestBox box;
  box.spec.process.user = {.uid = 1000, .gid = 1000, .additionalGids = {77}};
  EXPECT_THAT(box.Run("id -G").text, HasSubstr("77"));
  box.spec.extensions.keep_original_groups = true;
  EXPECT_EQ(box.Run("id -G").text, "1000 4242\n");
}

TEST(ContainerAnnotations, HooksWriteToFiles) {
  TestBox box;
  const std::string out = box.bundle() + "/out";
  const std::string err = box.bundle() + "/err";
  box.spec.extensions.hooks_stdout = out;
  box.spec.extensions.hooks_stderr = err;
  const auto shell = [](const std::string& path, const std::string& name) {
    return std::vector<Hook>{
        {.path = path, .args = {"sh", "-c", "echo " + name + "; echo " + name + " >&2"}}};
  };
  box.spec.hooks.createRuntime = shell("/bin/sh", "runtime");
  box.spec.hooks.createContainer = shell("/bin/sh", "container");
  box.spec.hooks.startContainer = shell("/bin/sh", "start");
  EXPECT_EQ(box.Run("ls /proc/self/fd | wc -l").text, "4\n") << "none of the files is open inside";
  EXPECT_EQ(*ReadFile(out), "runtime\ncontainer\nstart\n");
  EXPECT_EQ(*ReadFile(err), *ReadFile(out));
  box.spec.extensions.hooks_stdout = "/nope/file";
  EXPECT_THAT(box.Run("true").error,
              HasSubstr("annotations.run.oci.hooks.stdout: open /nope/file"));
}

TEST(ContainerAnnotations, AFilterOfTheCallersOwnIsUsedInPlaceOfTheProfile) {
  TestBox box;
  box.spec.linux_.seccomp = Seccomp{.defaultAction = "SCMP_ACT_ALLOW",
                                    .syscalls = {{.names = {"mkdir"}, .action = "SCMP_ACT_ERRNO"}}};
  EXPECT_THAT(box.Run("mkdir /x").text, HasSubstr("not permitted"));
  const sock_filter program[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  box.spec.extensions.seccomp_program = {reinterpret_cast<const char*>(program), sizeof program};
  const Outcome outcome = box.Run("mkdir /y; grep Seccomp: /proc/self/status");
  EXPECT_EQ(outcome.text, "Seccomp:\t2\n") << outcome.error;
}

TEST(ContainerAnnotations, UnknownSystemCallsAreAnErrorIfThatIsWanted) {
  TestBox box;
  box.spec.linux_.seccomp =
      Seccomp{.defaultAction = "SCMP_ACT_ALLOW",
              .syscalls = {{.names = {"mkdir"}, .action = "SCMP_ACT_ERRNO"},
                           {.names = {"rmdir", "yet_to_come"}, .action = "SCMP_ACT_ERRNO"}}};
  EXPECT_EQ(box.Run("true").error, "");
  box.spec.extensions.unknown_syscalls_fail = true;
  EXPECT_EQ(box.Run("true").error,
            "seccomp: linux.seccomp: syscalls[1].names: unknown system call \"yet_to_come\"");
}

}  // namespace
}  // namespace berth::runtime
