#include "cgroups/misc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(MiscTest, WritesAResourceALine) {
  EXPECT_THAT(Texts(MiscSettings({{.resource = "sev", .max = 3}, {.resource = "sev_es"}})),
              ElementsAre("misc.max=sev 3", "misc.max=sev_es max"));
}

TEST(MiscTest, ReadsAResourceALine) {
  const auto resources = ParseMiscCurrent("sev 2\nsev_es 0\n");
  ASSERT_EQ(resources.size(), 2U);
  EXPECT_EQ(resources[0].resource, "sev");
  EXPECT_EQ(resources[0].current, 2U);
}

}  // namespace
}  // namespace berth::cgroups
