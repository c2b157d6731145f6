#include "cgroups/control_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/sys.h"
#include "cgroups/fake_tree.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

TEST(ControlFileTest, ReadsFromTheStartEachTime) {
  const FakeTree tree({File("cgroup.events", "populated 0\n")});
  const UniqueFd file = *sys::Open(tree.path() + "/cgroup.events", O_RDONLY);
  EXPECT_EQ(**ReadAnew(file.get()), "populated 0\n");
  EXPECT_EQ(**ReadAnew(file.get()), "populated 0\n");
}

using ControlFileKernelTest = KernelTest;

TEST_F(ControlFileKernelTest, SaysThatTheCgroupIsGone) {
  const Cgroup cgroup = Create("/gone");
  const UniqueFd file = *sys::Open(cgroup.path() + "/cgroup.events", O_RDONLY);
  EXPECT_EQ(**ReadAnew(file.get()), "populated 0\nfrozen 0\n");
  ASSERT_TRUE(cgroup.Remove());
  const auto content = ReadAnew(file.get());
  ASSERT_TRUE(content) << content.error().message();
  EXPECT_FALSE(*content);
}

}  // namespace
}  // namespace berth::cgroups
