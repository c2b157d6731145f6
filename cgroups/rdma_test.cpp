#include "cgroups/rdma.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(RdmaTest, WritesADeviceALine) {
  EXPECT_THAT(
      Texts(RdmaSettings({{.device = "mlx5_0", .hca_handle = 2, .hca_object = kUnlimited},
                          {.device = "mlx5_1", .hca_object = 10}})),
      ElementsAre("rdma.max=mlx5_0 hca_handle=2 hca_object=max", "rdma.max=mlx5_1 hca_object=10"));
}

TEST(RdmaTest, ReadsADeviceALine) {
  const auto devices = ParseRdmaCurrent("mlx5_0 hca_handle=1 hca_object=20\nocrdma1 hca_handle=3\n",
                                        {{.device = "a"}, {.device = "b"}, {.device = "c"}});
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].device, "mlx5_0");
  EXPECT_EQ(devices[0].used.hca_handle, 1U);
  EXPECT_EQ(devices[0].used.hca_object, 20U);
  EXPECT_EQ(devices[1].device, "ocrdma1");
  EXPECT_EQ(devices[1].used.hca_handle, 3U);
  EXPECT_EQ(devices[1].used.hca_object, 0U);
}

}  // namespace
}  // namespace berth::cgroups
