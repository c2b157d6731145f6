#include "ecs/network_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

std::string ConfigurationError(std::string_view json) {
  const auto configuration = ParseNetworkConfiguration(json);
  return configuration ? "no error" : configuration.error().message();
}

TEST(NetworkConfiguration, IsReadBareAndInItsWrappers) {
  const std::string bare =
      R"({"subnets":["subnet-1"],"securityGroups":["sg-1","sg-2"],"assignPublicIp":"ENABLED"})";
  const std::string named = R"({"awsvpcConfiguration":)" + bare + "}";
  for (const std::string& json : {bare, named, R"({"networkConfiguration":)" + named + "}"}) {
    const auto configuration = ParseNetworkConfiguration(json);
    ASSERT_TRUE(configuration) << configuration.error().message();
    const AwsVpcConfiguration& awsvpc = configuration->awsvpcConfiguration;
    EXPECT_THAT(awsvpc.subnets, testing::ElementsAre("subnet-1"));
    EXPECT_THAT(awsvpc.securityGroups, testing::ElementsAre("sg-1", "sg-2"));
    EXPECT_EQ(awsvpc.assignPublicIp, AssignPublicIp::kEnabled);
  }
}

TEST(NetworkConfiguration, KeepsToTheLimits) {
  EXPECT_EQ(ConfigurationError("{}"), "subnets is required");
  EXPECT_EQ(ConfigurationError(R"({"awsvpcConfiguration":{"subnets":["a b"],
                        "securityGroups":["1","2","3","4","5","1"]}})"),
            "awsvpcConfiguration.securityGroups: must have at most 5 groups, not 6\n"
            "awsvpcConfiguration.subnets[0]: must be an id of letters, digits, hyphens and "
            "underscores, not \"a b\"\n"
            "awsvpcConfiguration.securityGroups[5]: \"1\" is given twice");
  std::string subnets = R"("s0")";
  for (int i = 1; i < 17; ++i) subnets += fmt::format(R"(,"s{}")", i);
  EXPECT_EQ(ConfigurationError(R"({"subnets":[)" + subnets + "]}"),
            "subnets: must have at most 16 subnets, not 17");
}

TEST(NetworkConfiguration, ComplainsWithThePath) {
  EXPECT_EQ(ConfigurationError("[]"), "must be an object, not array");
  EXPECT_EQ(ConfigurationError(R"({"networkConfiguration":{"subnets":["a"]}})"),
            "networkConfiguration: awsvpcConfiguration is required\n"
            "networkConfiguration: unknown field \"subnets\"");
  EXPECT_EQ(
      ConfigurationError(R"({"awsvpcConfiguration":{"subnets":["a"],"assignPublicIp":"yes"}})"),
      "awsvpcConfiguration.assignPublicIp: must be one of DISABLED, ENABLED, not \"yes\"");
}

}  // namespace
}  // namespace berth::ecs
