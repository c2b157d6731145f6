#include "cgroups/unified.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(UnifiedTest, WritesEachLineByItself) {
  EXPECT_THAT(Texts(UnifiedSettings({{"io.max", "8:0 rbps=1\n8:16 rbps=2\n"}, {"pids.max", "3"}})),
              ElementsAre("io.max=8:0 rbps=1", "io.max=8:16 rbps=2", "pids.max=3"));
  EXPECT_EQ(UnifiedSettings({{"io.max", "8:0 rbps=1"}}).front().controller, "io");
}

TEST(UnifiedTest, RefusesWhatIsNoControllersFile) {
  EXPECT_TRUE(CheckUnified({{"memory.high", "1"}, {"hugetlb.2MB.max", "0"}}));
  for (const std::string file :
       {"../memory.max", "a/memory.max", "memory", ".max", "", "cgroup.procs", "cgroup.kill"}) {
    const auto checked = CheckUnified({{file, "1"}});
    ASSERT_FALSE(checked) << file;
    EXPECT_EQ(
        checked.error().message(),
        fmt::format("\"{}\" is not the name of a controller's file, such as memory.high", file));
  }
}

}  // namespace
}  // namespace berth::cgroups
