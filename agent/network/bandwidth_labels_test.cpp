#include "agent/network/bandwidth_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent {
namespace {

using Labels = std::map<std::string, std::string>;
using testing::HasSubstr;

ecs::TaskDefinition With(std::vector<Labels> containers) {
  ecs::TaskDefinition definition;
  for (Labels& labels : containers) {
    definition.containerDefinitions.emplace_back().dockerLabels = std::move(labels);
  }
  return definition;
}

std::string Problem(std::vector<Labels> containers) {
  std::vector<size_t> all;
  for (size_t i = 0; i < containers.size(); ++i) all.push_back(i);
  const auto bandwidth = BandwidthOf(With(std::move(containers)), all);
  return bandwidth ? "" : bandwidth.error().message();
}

TEST(BandwidthLabelsTest, RatesAreBitsAndBurstsBytes) {
  const auto bandwidth = BandwidthOf(With({{{"berth.bandwidth.egress", "100M"},
                                            {"berth.bandwidth.egress-burst", "256K"},
                                            {"berth.bandwidth.ingress", "64000"},
                                            {"other", "x"}}}),
                                     {0});
  ASSERT_TRUE(bandwidth) << bandwidth.error().message();
  EXPECT_EQ(bandwidth->egress->bitsPerSecond, 100'000'000u);
  EXPECT_EQ(bandwidth->egress->burst, 256u << 10);
  EXPECT_EQ(bandwidth->ingress->bitsPerSecond, 64'000u);
  EXPECT_EQ(bandwidth->ingress->burst, 0u);
}

TEST(BandwidthLabelsTest, WithoutLabelsThereIsNoLimit) {
  const auto bandwidth = BandwidthOf(With({{{"a", "b"}}}), {0});
  EXPECT_FALSE(bandwidth->egress || bandwidth->ingress);
}

TEST(BandwidthLabelsTest, ContainersOfOtherInterfacesDoNotCount) {
  const auto definition = With({{}, {{"berth.bandwidth.egress", "1M"}}});
  EXPECT_FALSE(BandwidthOf(definition, {0})->egress);
  EXPECT_TRUE(BandwidthOf(definition, {1})->egress);
}

TEST(BandwidthLabelsTest, ContainersOfOneInterfaceMustAgree) {
  EXPECT_EQ(Problem({{{"berth.bandwidth.egress", "1M"}}, {{"berth.bandwidth.egress", "1000K"}}}),
            "");
  EXPECT_EQ(
      Problem({{{"berth.bandwidth.egress", "1M"}}, {{"berth.bandwidth.egress", "2M"}}}),
      "containerDefinitions[1].dockerLabels[\"berth.bandwidth.egress\"]: another container of "
      "the same interface says otherwise");
}

TEST(BandwidthLabelsTest, WhatMakesNoSenseIsRefusedByItsPath) {
  for (const char* garbage : {"", "M", "1m", "1.5M", "-1M", "1 M", "1MM", "0", "99999999999999999G",
                              "18446744073709551616"}) {
    EXPECT_THAT(Problem({{{"berth.bandwidth.ingress", garbage}}}),
                HasSubstr("dockerLabels[\"berth.bandwidth.ingress\"]: must be bits a second"))
        << garbage;
  }
  EXPECT_THAT(Problem({{{"berth.bandwidth.egres", "1M"}}}), HasSubstr("there are"));
  EXPECT_THAT(Problem({{{"berth.bandwidth.egress", "1"}}}), HasSubstr("8k to 1T are possible"));
  EXPECT_THAT(Problem({{{"berth.bandwidth.egress-burst", "64K"}}}), HasSubstr("there is no"));
  EXPECT_THAT(Problem({{{"berth.bandwidth.egress", "1M"}, {"berth.bandwidth.egress-burst", "1"}}}),
              HasSubstr("2 KiB to 1 GiB"));
}

TEST(BandwidthLabelsTest, WithoutAnInterfaceALimitIsRefused) {
  EXPECT_TRUE(RefuseBandwidth(With({{{"a", "b"}}}), "host"));
  EXPECT_EQ(
      RefuseBandwidth(With({{{"berth.bandwidth.egress", "1M"}}}), "host").error().message(),
      "containerDefinitions[0].dockerLabels[\"berth.bandwidth.egress\"]: networkMode host has "
      "no interface of the task's to limit");
}

}  // namespace
}  // namespace berth::agent
