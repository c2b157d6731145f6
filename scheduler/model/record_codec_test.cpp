#include "scheduler/model/record_codec.h"

#include <gmock/gmock.h>

namespace berth::scheduler {
namespace {

const WallTime kTime = WallTime(std::chrono::milliseconds(1'795'000'000'123));
const std::vector<NamedPolicy> kPolicies = {{.name = "p", .document = R"({"a": "\"\n\u0001"})"}};

// Writing what was read gives the same text again, and the members are what they were.
template <typename Record>
Record RoundTrip(const Record& record) {
  const std::string text = EncodeRecord(record);
  auto read = DecodeRecord<Record>(text);
  EXPECT_TRUE(read) << read.error().message();
  EXPECT_EQ(EncodeRecord(*read), text);
  return *std::move(read);
}

TEST(RecordCodec, KeepsIdentities) {
  const IdentityRecord read =
      RoundTrip(IdentityRecord{.account = "1", .region = "r", .seal_key = "k"});
  EXPECT_EQ(read.account, "1");
  EXPECT_EQ(read.region, "r");
  EXPECT_EQ(read.seal_key, "k");
}

TEST(RecordCodec, KeepsClusters) {
  ClusterRecord record;
  record.cluster = {.clusterArn = "arn",
                    .clusterName = "c",
                    .configuration =
                        ecs::api::ClusterConfiguration{
                            .executeCommandConfiguration =
                                ecs::api::ExecuteCommandConfiguration{.logging = "NONE"}},
                    .status = "ACTIVE",
                    .tags = {{"k", "v"}},
                    .settings = {{"containerInsights", "enabled"}},
                    .serviceConnectDefaults = ecs::api::ServiceConnectDefaults{.namespace_ = "n"}};
  EXPECT_EQ(RoundTrip(record).cluster, record.cluster);
}

TEST(RecordCodec, KeepsTaskDefinitions) {
  TaskDefinitionRecord record = {.tags = {{"k", "v"}}};
  record.registered = {.taskDefinitionArn = "arn",
                       .status = ecs::api::TaskDefinitionStatus::kInactive,
                       .requiresAttributes = {{.name = "a", .value = "v"}},
                       .compatibilities = {ecs::Compatibility::kEc2},
                       .registeredAt = kTime,
                       .deregisteredAt = kTime,
                       .registeredBy = "who"};
  record.registered.definition.family = "web";
  record.registered.definition.revision = 3;
  record.registered.definition.cpu = 256;
  record.registered.definition.containerDefinitions = {{.name = "app", .image = "i"}};
  record.registered.definition.containerDefinitions[0].essential = false;
  const TaskDefinitionRecord read = RoundTrip(record);
  EXPECT_EQ(read.registered, record.registered);
  EXPECT_EQ(read.tags, record.tags);
}

TEST(RecordCodec, KeepsFamilies) {
  const FamilyRecord read = RoundTrip(FamilyRecord{.family = "web", .last_revision = 7});
  EXPECT_EQ(read.family, "web");
  EXPECT_EQ(read.last_revision, 7);
}

TEST(RecordCodec, KeepsInstances) {
  InstanceRecord record = {
      .cluster = "c", .id = "i", .registered_by = "who", .registration_token = "token"};
  record.instance = {
      .containerInstanceArn = "arn",
      .ec2InstanceId = "i-1",
      .version = 4,
      .versionInfo = {.agentVersion = "1", .agentHash = "h", .dockerVersion = "d"},
      .registeredResources = {{.name = "CPU", .type = "INTEGER", .integerValue = 1},
                              {.name = "PORTS", .type = "STRINGSET", .stringSetValue = {"22"}},
                              {.name = "D", .type = "DOUBLE", .doubleValue = 0.5}},
      .status = "DRAINING",
      .statusReason = "s",
      .attributes = {{.name = "a", .value = ""}, {.name = "flag"}},
      .registeredAt = kTime,
      .tags = {{"k", "v"}},
      .healthStatus = ecs::api::ContainerInstanceHealthStatus{
          .overallStatus = "OK", .details = {{.type = "T", .status = "OK", .lastUpdated = kTime}}}};
  const InstanceRecord read = RoundTrip(record);
  EXPECT_EQ(read.instance, record.instance);
  EXPECT_EQ(read.cluster, "c");
  EXPECT_EQ(read.id, "i");
  EXPECT_EQ(read.registered_by, "who");
  EXPECT_EQ(read.registration_token, "token");
}

TEST(RecordCodec, KeepsSequenceNumbers) {
  EXPECT_EQ(RoundTrip(SequenceRecord{.last = int64_t{1} << 40}).last, int64_t{1} << 40);
}

TEST(RecordCodec, KeepsTasks) {
  TaskRecord record = {.cluster = "c",
                       .id = "t",
                       .instance = "i",
                       .cpu = 1,
                       .memory = 2,
                       .tcp_ports = {80},
                       .udp_ports = {53},
                       .delivered = true,
                       .interface_id = "eni-1",
                       .role_credentials_id = "r",
                       .execution_role_credentials_id = "e",
                       .credentials_expire = kTime,
                       .protection_enabled = true,
                       .protection_expires = kTime};
  record.task = {.attachments = {{.id = "a", .type = "t", .status = "s", .details = {{"n", "v"}}}},
                 .availabilityZone = "z",
                 .clusterArn = "ca",
                 .containerInstanceArn = "ia",
                 .containers = {{.containerArn = "x",
                                 .name = "app",
                                 .runtimeId = "rt",
                                 .lastStatus = "STOPPED",
                                 .exitCode = 0,
                                 .networkBindings = {{.bindIP = "0.0.0.0", .containerPort = 80}},
                                 .healthStatus = ecs::api::HealthStatus::kUnhealthy}},
                 .cpu = "1",
                 .createdAt = kTime,
                 .desiredStatus = "STOPPED",
                 .enableExecuteCommand = true,
                 .group = "family:web",
                 .lastStatus = "RUNNING",
                 .launchType = ecs::api::LaunchType::kExternal,
                 .overrides = {.containerOverrides = {{.name = "app", .command = {"a"}}},
                               .taskRoleArn = "role"},
                 .pullStartedAt = kTime,
                 .startedAt = kTime,
                 .startedBy = "me",
                 .stopCode = ecs::api::TaskStopCode::kUserInitiated,
                 .stoppedReason = "why",
                 .tags = {{"k", "v"}},
                 .taskArn = "ta",
                 .taskDefinitionArn = "da",
                 .version = 9};
  const TaskRecord read = RoundTrip(record);
  EXPECT_EQ(read.task, record.task);
  EXPECT_EQ(read.instance, "i");
  EXPECT_EQ(read.cpu, 1);
  EXPECT_EQ(read.memory, 2);
  EXPECT_EQ(read.tcp_ports, record.tcp_ports);
  EXPECT_EQ(read.udp_ports, record.udp_ports);
  EXPECT_TRUE(read.delivered);
  EXPECT_EQ(read.interface_id, "eni-1");
  EXPECT_EQ(read.role_credentials_id, "r");
  EXPECT_EQ(read.execution_role_credentials_id, "e");
  EXPECT_EQ(read.credentials_expire, kTime);
  EXPECT_TRUE(read.protection_enabled);
  EXPECT_EQ(read.protection_expires, kTime);
}

TEST(RecordCodec, KeepsInterfacesAndTheirStatuses) {
  for (const auto status : {InterfaceStatus::kPrecreated, InterfaceStatus::kAttaching,
                            InterfaceStatus::kAttached, InterfaceStatus::kDetached}) {
    const InterfaceRecord read = RoundTrip(InterfaceRecord{.id = "eni-1",
                                                           .attachment_id = "a",
                                                           .cluster = "c",
                                                           .task_id = "t",
                                                           .subnet_id = "s",
                                                           .address = "10.0.0.7",
                                                           .mac = "0a:00",
                                                           .groups = {"g"},
                                                           .status = status});
    EXPECT_EQ(read.status, status);
    EXPECT_EQ(read.address, "10.0.0.7");
    EXPECT_EQ(read.groups, std::vector<std::string>{"g"});
  }
}

TEST(RecordCodec, KeepsSubnetsThatDoNotMasquerade) {
  const SubnetRecord read = RoundTrip(SubnetRecord{.id = "s",
                                                   .cidr_block = "10.0.0.0/24",
                                                   .availability_zone = "z",
                                                   .mtu = 1400,
                                                   .masquerade = false,
                                                   .dns_servers = {"10.0.0.2"},
                                                   .last_given = 167772167});
  EXPECT_FALSE(read.masquerade);
  EXPECT_EQ(read.mtu, 1400);
  EXPECT_EQ(read.availability_zone, "z");
  EXPECT_EQ(read.dns_servers, std::vector<std::string>{"10.0.0.2"});
  EXPECT_EQ(read.last_given, 167772167);
}

TEST(RecordCodec, KeepsSecurityGroups) {
  SecurityGroupRecord record;
  record.group = {.GroupId = "g", .GroupName = "n", .Description = "d"};
  record.group.IpPermissions = {{.IpProtocol = "tcp", .FromPort = 80, .ToPort = 80}};
  record.group.IpPermissions[0].IpRanges = {{.CidrIp = "10.0.0.0/8"}};
  EXPECT_EQ(RoundTrip(record).group, record.group);
}

TEST(RecordCodec, KeepsRolesUsersAndKeys) {
  const RoleRecord role = RoundTrip(RoleRecord{.name = "r",
                                               .arn = "a",
                                               .id = "AROA",
                                               .assume_role_policy_document = "{}",
                                               .description = "d",
                                               .created = kTime,
                                               .policies = kPolicies});
  EXPECT_EQ(role.policies, kPolicies);
  EXPECT_EQ(role.description, "d");
  EXPECT_EQ(role.assume_role_policy_document, "{}");
  EXPECT_EQ(role.created, kTime);
  const UserRecord user = RoundTrip(UserRecord{.name = "u",
                                               .path = "/agents/",
                                               .arn = "a",
                                               .id = "AIDA",
                                               .created = kTime,
                                               .policies = kPolicies});
  EXPECT_EQ(user.path, "/agents/");
  EXPECT_EQ(user.policies, kPolicies);
  const AccessKeyRecord key = RoundTrip(AccessKeyRecord{.access_key_id = "AKIA",
                                                        .secret_access_key = "s",
                                                        .user = "u",
                                                        .active = false,
                                                        .created = kTime});
  EXPECT_FALSE(key.active);
  EXPECT_EQ(key.secret_access_key, "s");
}

TEST(RecordCodec, KeepsClientTokens) {
  const ClientTokenRecord read =
      RoundTrip(ClientTokenRecord{.token = "t",
                                  .cluster = "c",
                                  .request_digest = "d",
                                  .task_ids = {"1", "2"},
                                  .failures = {{.arn = "a", .reason = "r", .detail = "d"}},
                                  .created = kTime});
  EXPECT_EQ(read.task_ids.size(), 2u);
  EXPECT_EQ(read.failures.size(), 1u);
  EXPECT_EQ(read.created, kTime);
}

TEST(RecordCodec, GivesDefaultsToWhatAnEarlierVersionDidNotWrite) {
  const auto subnet = DecodeRecord<SubnetRecord>(R"({"id": "s", "cidrBlock": "10.0.0.0/24"})");
  ASSERT_TRUE(subnet);
  EXPECT_TRUE(subnet->masquerade);
}

TEST(RecordCodec, NamesWhatIsMissingOrOfALaterVersion) {
  const auto missing = DecodeRecord<FamilyRecord>(R"({"family": "web"})");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), testing::HasSubstr("lastRevision"));
  const auto later =
      DecodeRecord<FamilyRecord>(R"({"family": "web", "lastRevision": 1, "color": "red"})");
  ASSERT_FALSE(later);
  EXPECT_THAT(later.error().message(), testing::HasSubstr("color"));
  EXPECT_FALSE(DecodeRecord<FamilyRecord>("no JSON"));
}

}  // namespace
}  // namespace berth::scheduler
