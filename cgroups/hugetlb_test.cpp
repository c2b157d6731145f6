#include "cgroups/hugetlb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(HugetlbTest, LimitsUseAndReservation) {
  EXPECT_THAT(Texts(HugetlbSettings({{.page_size = "2MB", .max = 4 << 20}})),
              ElementsAre("hugetlb.2MB.max=4194304", "hugetlb.2MB.rsvd.max=4194304"));
}

}  // namespace
}  // namespace berth::cgroups
