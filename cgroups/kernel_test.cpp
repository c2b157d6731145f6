#include "cgroups/kernel_test.h"

#include <unistd.h>

#include "base/clone.h"
#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::cgroups {

KernelTest::KernelTest() : name_("berth-test-" + RandomHex(4)) {}

void KernelTest::SetUp() {
  hierarchy_ = *DetectHierarchy();
  if (::geteuid() != 0 || !hierarchy_.HasCgroup2() || !Cgroup::Create(hierarchy_, name_)) {
    GTEST_SKIP() << "needs root and a writable cgroup2";
  }
}

void KernelTest::TearDown() {
  if (!hierarchy_.HasCgroup2()) return;
  const auto removed = RemoveTree(hierarchy_, name_);
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(Exists(hierarchy_.mount_point + "/" + name_));
  for (Pidfd& process : started_) static_cast<void>(process.Reap());
}

Cgroup KernelTest::Create(const std::string& below) {
  auto cgroup = Cgroup::Create(hierarchy_, name_ + below);
  EXPECT_TRUE(cgroup) << cgroup.error().message();
  return std::move(cgroup).Take();
}

Pidfd& KernelTest::Start(const Cgroup& cgroup, const std::string& script) {
  auto process = Spawn({.argv = {"/bin/sh", "-c", script}, .cgroup_fd = cgroup.fd()});
  EXPECT_TRUE(process) << process.error().message();
  started_.push_back(std::move(process).Take());
  return started_.back();
}

int KernelTest::RunIn(const Cgroup& cgroup, const std::function<int()>& work) {
  const auto pid = sys::Clone({.cgroup_fd = cgroup.fd()});
  if (pid && *pid == 0) ::_exit(work());
  EXPECT_TRUE(pid) << pid.error().message();
  auto child = Pidfd::Open(*pid);
  EXPECT_TRUE(child) << child.error().message();
  return child->Reap()->code;
}

std::string KernelTest::TellFrom(const Cgroup& cgroup, const std::function<std::string()>& work) {
  auto pipe = *sys::Pipe();
  // What is told fits into the pipe, so the child never waits for its reader.
  EXPECT_EQ(RunIn(cgroup, [&] { return sys::WriteAll(pipe.second.get(), work()) ? 0 : 1; }), 0);
  pipe.second.Reset();
  return *ReadAll(pipe.first.get());
}

void ControllersTest::SetUp() {
  KernelTest::SetUp();
  if (IsSkipped()) return;
  for (const char* controller : {"cpu", "cpuset", "io", "memory", "pids"}) {
    if (!hierarchy_.HasController(controller)) GTEST_SKIP() << "needs the controllers of cgroup2";
  }
}

}  // namespace berth::cgroups
