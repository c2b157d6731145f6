#include "agent/engine/order.h"

#include <gmock/gmock.h>

namespace berth::agent::engine {
namespace {

using testing::HasSubstr;

constexpr const char* kId = "0123456789abcdef0123456789abcdef";
const std::string kSecret = "secret";
const std::string kRegion = "us-east-1";

ecs::wire::AcsTask Order() {
  ecs::wire::AcsTask order = {.arn = std::string("arn:aws:ecs:us-east-1:1:task/default/") + kId,
                              .family = "web",
                              .version = "1",
                              .desiredStatus = "RUNNING"};
  order.containers = {{.name = "app", .image = "web:1", .memory = 64}};
  order.networkMode = "awsvpc";
  return order;
}

std::string Variable(const ecs::ContainerDefinition& container, std::string_view name) {
  for (const auto& each : container.environment) {
    if (each.name == name) return each.value;
  }
  return "unset";
}

ecs::wire::ElasticNetworkInterface Eni() {
  return {.attachmentArn = "attachment/a",
          .ec2Id = "eni-1",
          .macAddress = "0a:00:00:00:00:01",
          .ipv4Addresses = {{.privateAddress = "10.0.0.8"},
                            {.primary = true, .privateAddress = "10.0.0.7"}},
          .domainNameServers = {"10.0.0.2"},
          .subnetGatewayIpv4Address = "10.0.0.1/24"};
}

TEST(Orders, HaveTheIdOfTheirArn) {
  EXPECT_EQ(TaskIdOf(Order().arn), kId);
  const std::string other = TaskIdOf("arn:aws:ecs:us-east-1:1:task/some-name");
  EXPECT_EQ(other.size(), 32u);
  EXPECT_EQ(other, TaskIdOf("arn:aws:ecs:us-east-1:1:task/some-name"));
  EXPECT_NE(other, TaskIdOf("arn:aws:ecs:us-east-1:1:task/another"));
}

TEST(Orders, HaveEndpointsThatOnlyTheirSecretTells) {
  EXPECT_EQ(EndpointIdOf("a", "app"), EndpointIdOf("a", "app"));
  EXPECT_NE(EndpointIdOf("a", "app"), EndpointIdOf("b", "app"));
  EXPECT_EQ(EndpointIdOf("a", "app").size(), 36u);
  EXPECT_EQ(RuntimeIdOf(kId, "app").size(), 64u);
}

TEST(Orders, AddTheEnvironmentOfEcs) {
  ecs::wire::AcsTask order = Order();
  order.roleCredentials = ecs::wire::RoleCredentials{.credentialsId = "cred-1"};
  const auto definition = DefinitionOf(order, {.secret = kSecret, .region = kRegion});
  ASSERT_TRUE(definition) << definition.error().message();
  const ecs::ContainerDefinition& app = definition->containerDefinitions.at(0);
  EXPECT_EQ(Variable(app, "ECS_CONTAINER_METADATA_URI_V4"),
            "http://169.254.170.2/v4/" + EndpointIdOf(kSecret, "app"));
  EXPECT_EQ(Variable(app, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), "/v2/credentials/cred-1");
  EXPECT_EQ(Variable(app, "AWS_REGION"), kRegion);
  EXPECT_FALSE(definition->taskRoleArn);
}

TEST(Orders, LeaveVariablesOfTheTaskAlone) {
  ecs::wire::AcsTask order = Order();
  order.containers[0].environment = {{"AWS_DEFAULT_REGION", "eu-west-1"}};
  const auto definition = DefinitionOf(order, {.secret = kSecret, .region = kRegion});
  const ecs::ContainerDefinition& app = definition->containerDefinitions.at(0);
  EXPECT_EQ(Variable(app, "AWS_DEFAULT_REGION"), "eu-west-1");
  EXPECT_EQ(Variable(app, "AWS_REGION"), "unset");
  EXPECT_EQ(Variable(app, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), "unset");
}

TEST(Orders, HaveNoInterfaceUnlessTheySaySo) {
  const auto none = InterfaceOf(Order());
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

TEST(Orders, HaveInterfacesOfOtherSchedulers) {
  ecs::wire::AcsTask order = Order();
  order.elasticNetworkInterfaces = {Eni()};
  const auto given = InterfaceOf(order);
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ((*given)->address->Format(), "10.0.0.7");
  EXPECT_EQ((*given)->subnet.subnet.gateway.Format(), "10.0.0.1");
  EXPECT_EQ((*given)->subnet.subnet.cidrBlock->Format(), "10.0.0.0/24");
  EXPECT_TRUE((*given)->groups.empty());
}

TEST(Orders, HaveInterfacesWithTheirOwnSchedulersFacts) {
  ecs::wire::AcsTask order = Order();
  order.elasticNetworkInterfaces = {Eni()};
  order.elasticNetworkInterfaces[0].berthInterface = ecs::wire::BerthInterface{
      .subnetId = "subnet-a", .cidrBlock = "10.0.0.0/24", .masquerade = false, .mtu = 1400};
  const auto given = InterfaceOf(order);
  ASSERT_TRUE(given);
  EXPECT_EQ((*given)->subnet.subnet.subnetId, "subnet-a");
  EXPECT_EQ((*given)->subnet.subnet.mtu, 1400);
  EXPECT_EQ((*given)->subnet.subnet.masquerade, net::Masquerade::kNever);
}

TEST(Orders, HaveInterfacesOfEitherFamilyOrBoth) {
  ecs::wire::AcsTask order = Order();
  ecs::wire::ElasticNetworkInterface eni = Eni();
  eni.ipv6Addresses = {{true, "2001:db8:0:7::5"}};
  eni.subnetGatewayIpv6Address = "2001:db8:0:7::1/64";
  order.elasticNetworkInterfaces = {eni};
  const auto dual = InterfaceOf(order);
  ASSERT_TRUE(dual) << dual.error().message();
  EXPECT_EQ((*dual)->ipv6_address->Format(), "2001:db8:0:7::5");
  EXPECT_EQ((*dual)->subnet.subnet.FormatBlocks(), "10.0.0.0/24 and 2001:db8:0:7::/64");
  eni.ipv4Addresses.clear();
  order.elasticNetworkInterfaces = {eni};
  const auto only = InterfaceOf(order);
  ASSERT_TRUE(only) << only.error().message();
  EXPECT_FALSE((*only)->address);
  EXPECT_EQ((*only)->subnet.subnet.FormatBlocks(), "2001:db8:0:7::/64");
}

TEST(Orders, MayHaveInterfacesOnALan) {
  ecs::wire::AcsTask order = Order();
  order.elasticNetworkInterfaces = {Eni()};
  ecs::wire::ElasticNetworkInterface& eni = order.elasticNetworkInterfaces[0];
  eni.ipv4Addresses = {{true, "192.168.1.130"}};
  eni.subnetGatewayIpv4Address = "192.168.1.1/26";
  eni.berthInterface = ecs::wire::BerthInterface{.subnetId = "subnet-office",
                                                 .cidrBlock = "192.168.1.128/26",
                                                 .parent = "eth0",
                                                 .masquerade = false};
  const auto given = InterfaceOf(order);
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_TRUE((*given)->subnet.subnet.IsOnLan());
  EXPECT_EQ((*given)->subnet.subnet.FormatBlocks(), "192.168.1.128/26");
  EXPECT_EQ((*given)->subnet.subnet.gateway.Format(), "192.168.1.1") << "not in the block";
  eni.berthInterface->parent = "../eth0";
  EXPECT_THAT(InterfaceOf(order).error().message(), HasSubstr("berthInterface: parent"));
}

TEST(Orders, HaveSubnetsCheckedAsTheHostsOwn) {
  const auto error = [](const ecs::wire::BerthInterface& own) {
    ecs::wire::AcsTask order = Order();
    order.elasticNetworkInterfaces = {Eni()};
    order.elasticNetworkInterfaces[0].berthInterface = own;
    const auto given = InterfaceOf(order);
    return given ? std::string() : given.error().message();
  };
  EXPECT_EQ(error({.subnetId = "s", .cidrBlock = "10.0.0.0/24"}), "");
  EXPECT_THAT(error({.subnetId = "s", .cidrBlock = "169.254.0.0/24"}), HasSubstr("169.254.0.0"));
  EXPECT_THAT(error({.subnetId = "s", .cidrBlock = "10.0.1.0/24"}), HasSubstr("gateway"));
  EXPECT_THAT(error({.subnetId = "s", .cidrBlock = "10.0.0.0/24", .mtu = 20}), HasSubstr("mtu"));
}

TEST(Orders, NameTheFieldOfAnInterfaceThatIsWrong) {
  const auto error = [](const auto& change) {
    ecs::wire::AcsTask order = Order();
    order.elasticNetworkInterfaces = {Eni()};
    change(order.elasticNetworkInterfaces[0]);
    const auto given = InterfaceOf(order);
    return given ? std::string() : given.error().message();
  };
  using Eni = ecs::wire::ElasticNetworkInterface;
  EXPECT_THAT(error([](Eni& eni) { eni.ipv4Addresses.clear(); }), HasSubstr("ipv4Addresses"));
  EXPECT_THAT(error([](Eni& eni) {
                eni.ipv4Addresses = {{true, "x"}};
              }),
              HasSubstr("ipv4Addresses"));
  EXPECT_THAT(error([](Eni& eni) { eni.macAddress = "x"; }), HasSubstr("macAddress"));
  for (const char* gateway : {"", "10.0.0.1", "10.0.0.1/33", "10.0.0.1/x", "x/24"}) {
    EXPECT_THAT(error([&](Eni& eni) { eni.subnetGatewayIpv4Address = gateway; }),
                HasSubstr("subnetGatewayIpv4Address"))
        << gateway;
  }
}

}  // namespace
}  // namespace berth::agent::engine
